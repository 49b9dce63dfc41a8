import { expect, test } from 'vitest';
import { contacts, merges, minutesAgo, tap, twoThenOne } from './conversations.ts';
import { jsonOf, openOperated, tiebackCommand } from './operator.ts';
import { SHOP } from './tieback.ts';

test('contacts lists conversations newest first without those that merged, and takes a merge back', async () => {
  const { tieback, env } = await openOperated();
  const connection = await tieback.connect();
  await twoThenOne(tieback, connection);
  await tap(tieback, { from: '5521900000000', messageId: 'wamid.OTHER', at: minutesAgo(45) });
  const [joined, other] = await contacts(tieback);
  const [merge] = await merges(tieback);
  const shown = {
    id: joined?.id,
    phone: '+55 ••••• 4321',
    first_message: minutesAgo(60).toISOString(),
    last_message: minutesAgo(5).toISOString(),
    messages: 3,
    clicks: 2,
    orders: 0,
    merges: [{ id: merge?.id, merged: merge?.mergedId, by: 'message', at: merge?.mergedAt.toISOString() }],
  };
  expect(await jsonOf(['contacts', '--shop', SHOP], env)).toEqual([
    shown,
    expect.objectContaining({ id: other?.id, clicks: 1, merges: [] }),
  ]);
  expect(await jsonOf(['contacts', '--shop', SHOP, '--limit', '1'], env)).toEqual([shown]);

  const undo = ['contacts', '--shop', SHOP, '--undo', merge?.id ?? ''];
  expect(await jsonOf(undo, env)).toEqual({
    merge: merge?.id,
    contact: joined?.id,
    restored: merge?.mergedId,
  });
  expect(await contacts(tieback)).toHaveLength(3);
  expect(await tiebackCommand(undo, env)).toMatchObject({
    code: 1,
    words: expect.stringContaining('taken back at') as string,
  });
});

test.each([['0'], ['201'], ['1.5'], ['all']])('contacts refuses a limit of %s', async (limit) => {
  const { code, words } = await tiebackCommand(['contacts', '--shop', SHOP, '--limit', limit], {});
  expect({ code, words }).toMatchObject({ code: 2, words: expect.stringContaining('--limit') as string });
});
