import { expect, test } from 'vitest';
import { tidy } from '../../app/pipeline/housekeeping.ts';
import { openTieback, START } from './tieback.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

test('requests of programs, alerts that are over and answers on consent are kept for as long as they serve', async () => {
  const tieback = await openTieback();
  const { shopId } = await tieback.connect();
  const { db } = tieback.pipeline;
  const id = (nth: number) => `01a1eed9-0000-7000-8000-00000000000${nth}`;
  const ago = (days: number, ms = 0) => new Date(START.getTime() - days * DAY_MS - ms);
  for (const [nth, ms] of [0, 1].entries()) {
    const key = `key-${ms}`;
    await db.apiRequest.create({
      data: { shopId, key, request: 'r', eventId: id(nth), createdAt: ago(30, ms) },
    });
    const asked = { shopId, askedAt: ago(30, ms) };
    for (const [said, saleOptOut] of [
      ['unknown', null],
      ['in', false],
      ['out', true],
    ] as const)
      await db.customerConsent.create({ data: { ...asked, customerGid: `${key} ${said}`, saleOptOut } });
    const alert = { shopId, subject: key, name: 'token', detail: 'detail', raisedAt: ago(365) };
    await db.alert.create({ data: { ...alert, id: id(nth), clearedAt: ago(90, ms) } });
    await db.alert.create({ data: { ...alert, id: id(nth + 2) } });
  }
  await tidy(tieback.pipeline);
  expect(await db.apiRequest.findMany()).toMatchObject([{ key: 'key-0' }]);
  const consents = await db.customerConsent.findMany({ orderBy: { customerGid: 'asc' } });
  // Who opted out stays so for as long as nobody says otherwise.
  const kept = ['key-0 in', 'key-0 out', 'key-0 unknown', 'key-1 out'];
  expect(consents.map(({ customerGid }) => customerGid)).toEqual(kept);
  const alerts = await db.alert.findMany({ orderBy: { id: 'asc' } });
  expect(alerts.map((alert) => alert.id)).toEqual([id(0), id(2), id(3)]);
});
