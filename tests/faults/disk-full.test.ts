import { expect, test } from 'vitest';
import { whatsappBatch } from '../builders/whatsapp.ts';
import { shopifyOrder } from '../builders/shopify.ts';
import { adClickMessage } from '../sandbox/pretend-whatsapp.ts';
import {
  CLICK_ID,
  MARIA,
  openTieback,
  START,
  type Connection,
  type Tieback,
} from '../integration/tieback.ts';

/**
 * Lets `rows` more deliveries in and then refuses with PostgreSQL's own code for a full disk, 53100, from a trigger: a
 * disk cannot be filled for one table alone. The function it gives back makes room again.
 */
async function fillDisk({ pipeline: { db } }: Tieback, rows: number): Promise<() => Promise<void>> {
  await db.$executeRawUnsafe(`
    CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF (SELECT count(*) FROM deliveries) >= ${rows} THEN
        RAISE disk_full USING MESSAGE = 'could not extend file "base/1/2": No space left on device';
      END IF;
      RETURN NEW;
    END $$`);
  await db.$executeRawUnsafe(
    'CREATE TRIGGER disk_full BEFORE INSERT ON deliveries FOR EACH ROW EXECUTE FUNCTION disk_full()',
  );
  return async () => void (await db.$executeRawUnsafe('DROP FUNCTION disk_full CASCADE'));
}

function twoTaps({ wabaId, phoneNumberId, displayNumber }: Connection): unknown {
  const tap = { wabaId, phoneNumberId, displayNumber, from: MARIA.whatsapp, clid: CLICK_ID, adId: '1' };
  const at = new Date(START.getTime() - 20 * 60_000);
  return whatsappBatch(['wamid.A', 'wamid.B'].map((messageId) => adClickMessage({ ...tap, messageId, at })));
}

test('while the disk is full webhooks are answered 503 and nothing is half stored; sent again, all comes right', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  tieback.meta.addClick({ ctwaClid: CLICK_ID, wabaId: connection.wabaId });
  const stored = () => tieback.pipeline.db.delivery.count();
  const taps = twoTaps(connection);
  const options = { webhookId: 'sent-twice' };

  const makeRoom = await fillDisk(tieback, 1);
  for (const answer of [await tieback.sendWhatsApp(taps), await tieback.sendWhatsApp(taps)]) {
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  }
  expect(await stored()).toBe(0);
  await makeRoom();
  const refuseAll = await fillDisk(tieback, 0);
  const refused = await tieback.sendShopify('orders/paid', shopifyOrder(), options);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
  await tieback.work();
  expect(await stored()).toBe(0);
  await refuseAll();

  expect((await tieback.sendWhatsApp(taps)).status).toBe(200);
  expect((await tieback.sendShopify('orders/paid', shopifyOrder(), options)).status).toBe(200);
  expect(await stored()).toBe(3);
  await tieback.work();
  expect(tieback.meta.accepted()).toHaveLength(1);
});

test('a disk that is full while an order is decided keeps its delivery due, and the order is decided once there is room', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd();
  await tieback.pay();
  const { db } = tieback.pipeline;
  await db.$executeRawUnsafe(`
    CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE disk_full; END $$`);
  await db.$executeRawUnsafe(
    'CREATE TRIGGER disk_full BEFORE INSERT ON conversion_events FOR EACH ROW EXECUTE FUNCTION disk_full()',
  );
  await tieback.work();
  expect(await db.order.count()).toBe(0);
  expect(await db.delivery.count({ where: { state: 'due', topic: 'orders/paid' } })).toBe(1);
  await db.$executeRawUnsafe('DROP FUNCTION disk_full CASCADE');
  tieback.now.forward(60_000);
  await tieback.work();
  expect(tieback.meta.accepted()).toHaveLength(1);
});
