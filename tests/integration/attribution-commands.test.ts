import { expect, test } from 'vitest';
import { bought, changeSettings, contactOf, decide, gidOf, JOAO, orderOf } from './linking.ts';
import { jsonOf, openOperated, tiebackCommand } from './operator.ts';
import { SHOP } from './tieback.ts';

test('the operator takes back what was said of an order, which is left to its evidence again', async () => {
  const { tieback, env } = await openOperated();
  await tieback.connect();
  await tieback.tapAd();
  await tieback.tapAd({ from: JOAO, messageId: 'wamid.JOAO', clid: 'joao' });
  await tieback.pay(bought(1));
  await tieback.work();
  const [maria, joao] = [await contactOf(tieback, '4321'), await contactOf(tieback, '6655')];
  const order = ['link', '--shop', SHOP, '--order', gidOf(1)];
  expect(await jsonOf([...order, '--contact', joao], env)).toMatchObject({
    contact: joao,
    rejected: [maria],
  });
  expect(await jsonOf([...order, '--forget'], env)).toEqual({
    order_id: gidOf(1),
    contact: maria,
    rejected: [],
  });
  expect(await orderOf(tieback, 1)).toMatchObject({ contactId: maria, staffLink: null });
  for (const wrong of [[], ['--none', '--forget'], ['--contact', joao, '--forget']])
    expect(await tiebackCommand([...order, ...wrong], env)).toMatchObject({
      code: 2,
      words: expect.stringContaining('--forget'),
    });
});

test('the counts of a comparison add up in words, and say what is done once it is', async () => {
  const { tieback, env } = await openOperated();
  const connection = await tieback.connect();
  await changeSettings(tieback, connection, { reportPurchase: false });
  await tieback.tapAd();
  await tieback.pay(bought(1));
  await decide(tieback);
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'withheld', reason: 'reporting_off' });
  await changeSettings(tieback, connection, {});
  const run = ['reattribute', '--shop', SHOP, '--since', '2026-11-17'];
  const compared = await tiebackCommand(run, env);
  expect(compared.out).toContain(
    '1 orders looked at, 1 change: 0 gain an ad, 0 lose it, 0 move to another, 1 are decided otherwise\n',
  );
  expect(compared.out).toMatch(/^\d would be reported to Meta;/m);
  const applied = await tiebackCommand([...run, '--apply'], env);
  expect(applied.out).toMatch(/^\d are now reported to Meta;/m);
  expect(applied.out).toContain('\napplied\n');
});
