import { expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../app/domain/settings.ts';
import { deliverBatch } from '../../app/pipeline/deliver.ts';
import { resolveEvent } from '../../app/pipeline/resolve.ts';
import { saveSettings } from '../../app/pipeline/shop.ts';
import { jsonOf, openOperated, tiebackCommand } from './operator.ts';
import { addSales, numbered, requestSizes, saleRequests, statesOf } from './sales.ts';
import { openTieback, START, type Tieback } from './tieback.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;
const EVENT = 'shopify:order:1:Purchase';

async function withSale(unknownOutcome: 'hold' | 'resend'): Promise<Tieback> {
  const tieback = await openTieback({ graphTimeoutMs: 400 });
  const connection = await tieback.connect();
  await saveSettings(tieback.pipeline, connection.shopId, { ...DEFAULT_SETTINGS, unknownOutcome });
  await addSales(tieback, connection, numbered(1));
  return tieback;
}

const row = ({ pipeline }: Tieback) => pipeline.db.conversionEvent.findFirstOrThrow();

async function pass(tieback: Tieback, ms: number, step = HOUR_MS): Promise<void> {
  for (let passed = 0; passed < ms; passed += step) {
    tieback.now.forward(step);
    await tieback.work();
  }
}

test('a shop that never wants a sale counted twice keeps an unknown outcome for a person', async () => {
  const tieback = await withSale('hold');
  tieback.meta.faultNext({ kind: 'cut_after_accepting' });
  await tieback.work();
  await pass(tieback, 7 * 24 * HOUR_MS, 6 * HOUR_MS);
  expect(await row(tieback)).toMatchObject({
    state: 'unknown',
    reason: 'no_answer',
    uncertain: 1,
    attempts: 1,
  });
  expect(requestSizes(tieback.meta)).toEqual([1]);
});

test('a shop that wants no sale missed has it sent again on the ladder, with the same event id', async () => {
  const tieback = await withSale('resend');
  tieback.meta.faultNext({ kind: 'cut_after_accepting' });
  await tieback.work();
  expect(await row(tieback)).toMatchObject({
    state: 'due',
    reason: 'no_answer',
    uncertain: 1,
    nextAttemptAt: new Date(START.getTime() + 5 * SECOND_MS),
  });
  tieback.now.forward(5 * SECOND_MS);
  await tieback.work();
  expect(await row(tieback)).toMatchObject({ state: 'accepted', reason: null, attempts: 2 });
  expect(saleRequests(tieback.meta).map(({ data }) => data[0]?.event_id)).toEqual([EVENT, EVENT]);
});

test('resending ends after three more tries of which nobody knows the outcome', async () => {
  const tieback = await withSale('resend');
  tieback.meta.faultNext({ kind: 'not_json' }, 20);
  await tieback.work();
  await pass(tieback, 24 * HOUR_MS);
  expect(await row(tieback)).toMatchObject({
    state: 'unknown',
    reason: 'unreadable_answer',
    uncertain: 4,
    attempts: 4,
  });
  expect(requestSizes(tieback.meta)).toEqual([1, 1, 1, 1]);
});

test('an unknown outcome at the deadline stays unknown: expired would say that Meta does not have it', async () => {
  const tieback = await withSale('resend');
  tieback.now.at = new Date((await row(tieback)).deadline.getTime() - SECOND_MS);
  tieback.meta.faultNext({ kind: 'zero_received' });
  await tieback.work();
  expect(await row(tieback)).toMatchObject({ state: 'unknown', reason: 'short_receipt' });
});

test('what a worker that died was sending is sent again only where the shop wants it', async () => {
  const tieback = await withSale('resend');
  await tieback.pipeline.db.conversionEvent.updateMany({
    data: { state: 'sending', attempts: 1, leaseUntil: START },
  });
  await tieback.work();
  expect(await row(tieback)).toMatchObject({ state: 'due', reason: 'no_answer', uncertain: 1 });
  await pass(tieback, 5 * SECOND_MS, 5 * SECOND_MS);
  expect(await row(tieback)).toMatchObject({ state: 'accepted', attempts: 2 });
});

test('an operator who saw the sale at Meta settles it as accepted, and the order is reported', async () => {
  const { tieback, env } = await openOperated();
  const connection = await tieback.connect();
  await addSales(tieback, connection, numbered(1));
  tieback.meta.faultNext({ kind: 'not_json' });
  await tieback.work();
  const { id } = await row(tieback);
  const resolved = await jsonOf(['resolve', EVENT, '--as', 'accepted'], env);
  expect(resolved).toEqual({ id, event_id: EVENT, state: 'accepted' });
  const settled = await row(tieback);
  expect(settled).toMatchObject({ state: 'accepted', reason: null });
  expect(settled.answer).toMatch(/^OK\n\S+Z resolved by an operator as accepted$/);
  await tieback.work();
  expect(requestSizes(tieback.meta)).toEqual([1]);
});

test('an operator who did not see it has it sent again at once, by the id of the ledger too', async () => {
  const { tieback, env } = await openOperated();
  const connection = await tieback.connect();
  await addSales(tieback, connection, numbered(1));
  tieback.meta.faultNext({ kind: 'cut_before' });
  await tieback.work();
  const { id } = await row(tieback);
  // The command's clock is the machine's, so that the deadline must lie in its future.
  await tieback.pipeline.db.conversionEvent.updateMany({
    data: { deadline: new Date(Date.now() + HOUR_MS) },
  });
  const { code, out } = await tiebackCommand(['resolve', id, '--as', 'resend'], env);
  expect({ code, out }).toEqual({ code: 0, out: `${EVENT} is sent again, with the same event_id\n` });
  expect(await row(tieback)).toMatchObject({ state: 'due', settledAt: null });
  const again = await tiebackCommand(['resolve', id, '--as', 'accepted', '--json'], env);
  expect(again).toMatchObject({ code: 1, out: '' });
  expect(again.words).toContain('the event is due, and only one whose outcome is unknown can be resolved');
  const nobody = await tiebackCommand(['resolve', 'shopify:order:2:Purchase', '--as', 'accepted'], env);
  expect(nobody).toMatchObject({ code: 1, words: 'tieback resolve: no event shopify:order:2:Purchase\n' });
});

test('a resend goes out with the next round', async () => {
  const tieback = await withSale('hold');
  tieback.meta.faultNext({ kind: 'cut_before' });
  await tieback.work();
  expect(await resolveEvent(tieback.pipeline, EVENT, 'resend')).toMatchObject({ kind: 'resolved' });
  await tieback.work();
  expect(await row(tieback)).toMatchObject({ state: 'accepted', attempts: 2 });
});

test('what Meta would refuse or what was erased cannot be sent again, but can be settled', async () => {
  const tieback = await withSale('hold');
  tieback.meta.faultNext({ kind: 'not_json' });
  await tieback.work();
  await tieback.pipeline.db.conversionEvent.updateMany({ data: { payload: '' } });
  const resend = () => resolveEvent(tieback.pipeline, EVENT, 'resend');
  expect(await resend()).toEqual({ kind: 'cannot_resend', why: 'customer_erased' });
  await tieback.pipeline.db.conversionEvent.updateMany({ data: { payload: 'v1', deadline: START } });
  expect(await resend()).toEqual({ kind: 'cannot_resend', why: 'past_deadline' });
  expect(await resolveEvent(tieback.pipeline, EVENT, 'accepted')).toMatchObject({ kind: 'resolved' });
  expect(await statesOf(tieback)).toEqual({ accepted: 1 });
});

test('two shops that know an event by the same id are told apart by the ledger’s', async () => {
  const tieback = await withSale('hold');
  const other = await tieback.connect({
    domain: 'outra-loja.myshopify.com',
    wabaId: '200',
    phoneNumberId: '201',
    datasetId: '202',
    token: 'EAAother',
  });
  await addSales(tieback, other, [{ id: 1, clickId: 'OtherClick' }]);
  tieback.meta.faultNext({ kind: 'not_json' }, 2);
  await deliverBatch(tieback.pipeline);
  const ids = (await tieback.pipeline.db.conversionEvent.findMany()).map(({ id }) => id);
  const outcome = await resolveEvent(tieback.pipeline, EVENT, 'accepted');
  expect(outcome).toEqual({ kind: 'ambiguous', ids: expect.arrayContaining(ids) });
  expect(await resolveEvent(tieback.pipeline, ids[0] ?? '', 'accepted')).toMatchObject({ kind: 'resolved' });
  expect(await statesOf(tieback)).toEqual({ accepted: 1, unknown: 1 });
});
