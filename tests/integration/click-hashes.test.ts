import { expect, test } from 'vitest';
import { CLICK_HASH_BATCH, createClickHashing } from '../../app/pipeline/click-hashes.ts';
import { uuidv7 } from '../../app/storage/uuid.ts';
import { referralField } from '../../app/pipeline/sealed.ts';
import { automaticEvent } from '../sandbox/pretend-whatsapp.ts';
import { bought, CHECKOUT, decide, eventsOf, gidOf, orderOf } from './linking.ts';
import { CLICK_ID, openTieback, START, type Connection, type Tieback } from './tieback.ts';

const clicksOf = ({ pipeline }: Tieback) => pipeline.db.referral.findMany({ orderBy: { id: 'asc' } });
const forgetHashes = ({ pipeline }: Tieback) =>
  pipeline.db.referral.updateMany({ data: { clickHash: null } });

/** A shop with one ad click of Maria's. */
async function openShop(): Promise<{ tieback: Tieback; connection: Connection }> {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await tieback.tapAd();
  await decide(tieback);
  return { tieback, connection };
}

test('a click from before hashes were kept gets one, and an order is found to be what Meta detected after it', async () => {
  const { tieback, connection } = await openShop();
  const [known] = await clicksOf(tieback);
  await forgetHashes(tieback);
  const seen = {
    at: CHECKOUT,
    clid: CLICK_ID,
    eventName: 'Purchase',
    currency: 'BRL',
    value: 214.9,
  } as const;
  await tieback.sendWhatsApp(automaticEvent({ ...connection, messageId: 'wamid.auto', ...seen }));
  await tieback.pay(bought(1));
  await decide(tieback);
  expect(await eventsOf(tieback)).toMatchObject([{ state: 'due' }]);

  const hash = createClickHashing();
  expect([await hash(tieback.pipeline), await hash(tieback.pipeline)]).toEqual([1, 0]);
  expect(await clicksOf(tieback)).toMatchObject([{ clickHash: known?.clickHash }]);
  await decide(tieback);
  expect(await eventsOf(tieback)).toEqual([]);
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'withheld', reason: 'reported_automatically' });
  expect(await tieback.pipeline.db.automaticEvent.findMany()).toMatchObject([{ orderGid: gidOf(1) }]);
});

test('clicks are hashed batch by batch by any number of workers, and what does not open is left out', async () => {
  const { tieback } = await openShop();
  const { db, vault } = tieback.pipeline;
  const [first] = await clicksOf(tieback);
  if (!first) throw new Error('there is no click');
  await db.referral.createMany({
    data: Array.from({ length: 2 * CLICK_HASH_BATCH }, (_, nth) => {
      const messageKey = `click ${nth}`;
      const place = referralField(
        nth === 7 ? (99 as never) : (first.shopId as never),
        messageKey,
        'click_id',
      );
      const clickId = nth === 8 ? null : vault.seal(`clid-${nth}`, place);
      return { ...first, id: uuidv7(START), messageKey, clickId, clickHash: null };
    }),
  });
  const workers = [createClickHashing(), createClickHashing()];
  for (let looked = 1; looked > 0;) {
    const counts = await Promise.all(workers.map((hash) => hash(tieback.pipeline)));
    looked = counts.reduce((a, b) => a + b, 0);
  }
  const without = (await clicksOf(tieback)).filter(({ clickHash }) => clickHash === null);
  expect(without.map(({ messageKey }) => messageKey).toSorted()).toEqual(['click 7', 'click 8']);
});

test('once none is left it looks no more', async () => {
  const { tieback } = await openShop();
  const hash = createClickHashing();
  expect(await hash(tieback.pipeline)).toBe(0);
  await forgetHashes(tieback);
  expect(await hash(tieback.pipeline)).toBe(0);
});
