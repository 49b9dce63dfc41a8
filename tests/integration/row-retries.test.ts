import { expect, test } from 'vitest';
import { browsingBatch } from '../../app/pipeline/browsing.ts';
import { checkoutBatch } from '../../app/pipeline/checkout-batch.ts';
import { shopifyCheckout } from '../builders/browsing.ts';
import { changeSettings } from './linking.ts';
import { openTieback, type Tieback } from './tieback.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const LOST = 'key-that-nobody-has';

/** Two checkouts that are due, the first of which cannot be opened, since its key is gone. */
async function withCheckouts(): Promise<{
  tieback: Tieback;
  broken: Uint8Array<ArrayBuffer>;
  restore(): Promise<void>;
}> {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await changeSettings(tieback, connection, { reportInitiateCheckout: true });
  await tieback.tapAd();
  await tieback.work();
  for (const token of ['a', 'b'])
    await tieback.sendShopify('checkouts/update', shopifyCheckout({ token: token.repeat(32) }));
  await tieback.work();
  const { db } = tieback.pipeline;
  const { draft, tokenHash } = await db.checkout.findFirstOrThrow({ orderBy: { tokenHash: 'asc' } });
  const change = (text: string) => db.checkout.updateMany({ where: { tokenHash }, data: { draft: text } });
  await change(draft.replace('.test.', `.${LOST}.`));
  tieback.now.forward(5 * MINUTE_MS);
  const restore = async (): Promise<void> => void (await change(draft));
  return { tieback, broken: tokenHash, restore };
}

const events = ({ pipeline }: Tieback) => pipeline.db.conversionEvent.count();

test('a checkout that cannot be opened holds up no other, and is told when its key is back', async () => {
  const { tieback, restore } = await withCheckouts();
  expect(await checkoutBatch(tieback.pipeline)).toBe(2);
  expect(await events(tieback)).toBe(1);
  expect(await checkoutBatch(tieback.pipeline)).toBe(0);
  await restore();
  tieback.now.forward(MINUTE_MS);
  expect(await checkoutBatch(tieback.pipeline)).toBe(1);
  expect(await events(tieback)).toBe(2);
});

test('its waits grow, and after a day it is given up and forgotten', async () => {
  const { tieback, broken } = await withCheckouts();
  const { db, clock } = tieback.pipeline;
  const began = clock().getTime();
  const tries: number[] = [];
  while (clock().getTime() - began < 2 * DAY_MS) {
    if ((await checkoutBatch(tieback.pipeline)) > 0) tries.push((clock().getTime() - began) / MINUTE_MS);
    tieback.now.forward(MINUTE_MS);
  }
  expect(tries).toEqual([0, 1, 5, 21, 85, 341, 1365]);
  const row = await db.checkout.findFirst({ where: { tokenHash: broken } });
  expect(row).toMatchObject({ draft: '', beginDueAt: null, leaveDueAt: null });
});

test('neither does one whose ad click cannot be opened', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await changeSettings(tieback, connection, { reportInitiateCheckout: true });
  await tieback.tapAd();
  await tieback.work();
  await tieback.sendShopify('checkouts/update', shopifyCheckout());
  await tieback.work();
  const swap = (from: string, to: string) =>
    tieback.pipeline.db.$executeRaw`UPDATE referrals SET click_id = replace(click_id, ${from}, ${to})`;
  await swap('.test.', `.${LOST}.`);
  tieback.now.forward(5 * MINUTE_MS);
  await expect(checkoutBatch(tieback.pipeline)).resolves.toBe(1);
  await swap(`.${LOST}.`, '.test.');
  tieback.now.forward(MINUTE_MS);
  await checkoutBatch(tieback.pipeline);
  expect(await events(tieback)).toBe(1);
});

test('a chat link’s opening that cannot be told is tried again as well, and keeps its time', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await changeSettings(tieback, connection, { reportViewContent: true });
  await tieback.tapAd();
  await tieback.work();
  const { db, clock } = tieback.pipeline;
  const { shopId, id: contactId } = await db.contact.findFirstOrThrow();
  const opened = clock();
  await db.chatLink.create({
    data: {
      ...{ shopId, contactId, id: '0192aaaa-0000-7000-8000-000000000001', kind: 'product', token: '' },
      ...{ tokenHash: Buffer.from('hash'), target: '/products/x', createdBy: 'ana', createdAt: opened },
      untoldOpeningAt: opened,
    },
  });
  const swap = (from: string, to: string) =>
    db.$executeRaw`UPDATE referrals SET click_id = replace(click_id, ${from}, ${to})`;
  await swap('.test.', `.${LOST}.`);
  expect(await browsingBatch(tieback.pipeline)).toBe(1);
  expect(await browsingBatch(tieback.pipeline)).toBe(0);
  await swap(`.${LOST}.`, '.test.');
  tieback.now.forward(MINUTE_MS);
  expect(await browsingBatch(tieback.pipeline)).toBe(1);
  expect(await db.conversionEvent.findMany()).toMatchObject([
    { eventName: 'ViewContent', eventTime: opened },
  ]);
});
