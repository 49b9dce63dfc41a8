import { expect, test } from 'vitest';
import { holdContacts } from '../../app/pipeline/contacts.ts';
import { eraseCustomer } from '../../app/pipeline/forget.ts';
import { reconsiderBatch } from '../../app/pipeline/reconsider.ts';
import { applyRerun, findRerun, rerunBatch, startRerun } from '../../app/pipeline/rerun.ts';
import { shopFacts } from '../../app/pipeline/shop.ts';
import { bought, changeSettings, CHECKOUT, DAY_MS, orderOf } from './linking.ts';
import { untilItWaits } from './locks.ts';
import { openTieback, START, type Tieback } from './tieback.ts';

const before = (ms: number): Date => new Date(CHECKOUT.getTime() - ms);

async function finish({ pipeline }: Tieback): Promise<void> {
  while ((await rerunBatch(pipeline)) + (await reconsiderBatch(pipeline)) > 0);
}

/** A run that is to take an order's credit away, and was not begun to be applied yet. */
async function applying() {
  const tieback = await openTieback();
  const { pipeline } = tieback;
  const connection = await tieback.connect();
  await tieback.tapAd({ at: before(3 * DAY_MS) });
  await tieback.pay(bought(1));
  await tieback.work();
  await changeSettings(tieback, connection, { windowDays: 1 });
  const { shopId } = connection;
  const id = await startRerun(pipeline, { shop: shopId, since: before(DAY_MS), until: START, by: 'test' });
  await finish(tieback);
  expect(await applyRerun(pipeline, { shopId, id })).toEqual({ kind: 'applying' });
  const state = async () => (await findRerun(pipeline, shopId, id))?.state;
  return { tieback, shopId, state };
}

test('a run that meets somebody who is forgetting a customer ends well, and so do they', async () => {
  const { tieback, shopId, state } = await applying();
  const { pipeline } = tieback;
  const shop = shopFacts(await pipeline.db.shop.findUniqueOrThrow({ where: { id: shopId } }));
  let carried: Promise<number> | undefined;
  await pipeline.db.$transaction(async (erasing) => {
    await holdContacts(erasing, [shopId], 'alone');
    await erasing.$queryRaw`SELECT gid FROM orders FOR UPDATE`;
    carried = rerunBatch(pipeline);
    await untilItWaits(tieback, carried);
    await eraseCustomer(pipeline, erasing, shop, { phone: null, orderIds: ['1'] });
  });
  await carried;
  await finish(tieback);
  expect(await state()).toBe('applied');
});

// https://www.postgresql.org/docs/current/errcodes-appendix.html
test.each([
  ['a deadlock', '40P01'],
  ['a serialization failure', '40001'],
  ['a statement that was cancelled', '57014'],
  ['too many connections', '53300'],
])('a run that %s breaks off goes on where it was', async (_, code) => {
  const { tieback, state } = await applying();
  const { pipeline } = tieback;
  await pipeline.db.$executeRawUnsafe(`
    CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'made by the test' USING ERRCODE = '${code}'; END $$`);
  await pipeline.db.$executeRawUnsafe(
    'CREATE TRIGGER fails BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION fail()',
  );
  expect(await rerunBatch(pipeline)).toBe(0);
  expect(await state()).toBe('applying');
  await pipeline.db.$executeRawUnsafe('DROP TRIGGER fails ON orders');
  await finish(tieback);
  expect(await state()).toBe('applied');
  expect(await orderOf(tieback, 1)).toMatchObject({ referralId: null, reconsider: false });
});

test('a run whose connection is cut goes on where it was', async () => {
  const { tieback, state } = await applying();
  const { pipeline } = tieback;
  await pipeline.db.$transaction(async (other) => {
    await other.$queryRaw`SELECT gid FROM orders FOR UPDATE`;
    const carried = rerunBatch(pipeline);
    await untilItWaits(tieback, carried);
    await other.$queryRaw`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    expect(await carried).toBe(0);
  });
  expect(await state()).toBe('applying');
  await finish(tieback);
  expect(await state()).toBe('applied');
});
