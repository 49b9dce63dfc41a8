import { expect, test } from 'vitest';
import { reconsiderBatch } from '../../app/pipeline/reconsider.ts';
import { bought, contactOf, decide, eventsOf, JOAO, orderOf, ordersOf } from './linking.ts';
import { openTieback, type Tieback } from './tieback.ts';

const flag = ({ pipeline }: Tieback) => pipeline.db.order.updateMany({ data: { reconsider: true } });

test('an order that cannot be decided again keeps its decision, and the others go on', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd();
  await tieback.tapAd({ from: JOAO, messageId: 'wamid.JOAO', clid: 'joao' });
  await tieback.pay(bought(1));
  await tieback.pay(bought(2, { phone: '(21) 98877-6655', buyer: 2 }));
  await decide(tieback);
  const { db } = tieback.pipeline;
  await db.referral.updateMany({
    where: { contactId: await contactOf(tieback, '4321') },
    data: { clickId: 'v1.test.AAAA' },
  });
  await flag(tieback);
  expect(await reconsiderBatch(tieback.pipeline)).toBe(2);
  expect(await reconsiderBatch(tieback.pipeline)).toBe(0);
  expect(await ordersOf(tieback)).toMatchObject([
    { decision: 'report', reconsider: false },
    { decision: 'report', reconsider: false },
  ]);
  expect(await eventsOf(tieback)).toHaveLength(2);
});

/** From now on every change of an order fails in this way. */
async function breakOrders({ pipeline }: Tieback, fault: string): Promise<void> {
  await pipeline.db.$executeRawUnsafe(`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN ${fault}; RETURN NEW; END $$`);
  await pipeline.db.$executeRaw`CREATE TRIGGER fail BEFORE UPDATE OF evidence ON orders
    FOR EACH ROW EXECUTE FUNCTION fail()`;
}

test.each([
  ['a deadlock', `RAISE EXCEPTION USING ERRCODE = '40P01'`],
  ['a conflict', `RAISE EXCEPTION USING ERRCODE = '40001'`],
  ['a lock that takes too long', `RAISE EXCEPTION USING ERRCODE = '55P03'`],
  ['a statement that takes too long', `RAISE EXCEPTION USING ERRCODE = '57014'`],
  ['a lost connection', 'PERFORM pg_terminate_backend(pg_backend_pid())'],
])('%s leaves the mark of an order, and the loop may rest', async (_, fault) => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd();
  await tieback.pay(bought(1));
  await decide(tieback);
  await flag(tieback);
  await breakOrders(tieback, fault);
  expect(await reconsiderBatch(tieback.pipeline)).toBe(0);
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'report', reconsider: true });
  await tieback.pipeline.db.$executeRaw`DROP TRIGGER fail ON orders`;
  expect(await reconsiderBatch(tieback.pipeline)).toBe(1);
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'report', reconsider: false });
});

test('what the database refuses of an order is not tried for ever', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.pay(bought(1));
  await decide(tieback);
  await flag(tieback);
  await breakOrders(tieback, `RAISE EXCEPTION USING ERRCODE = '22003'`);
  expect(await reconsiderBatch(tieback.pipeline)).toBe(1);
  expect(await reconsiderBatch(tieback.pipeline)).toBe(0);
});
