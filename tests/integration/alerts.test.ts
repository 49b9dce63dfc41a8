import { expect, test } from 'vitest';
import {
  clearAlert,
  clearAlertsOf,
  dismissAlert,
  openAlerts,
  raiseAlert,
} from '../../app/pipeline/alerts.ts';
import type { Pipeline } from '../../app/pipeline/context.ts';
import { openTieback, START, type Tieback } from './tieback.ts';

type Raised = Parameters<typeof raiseAlert>[2];

async function shopId({ pipeline }: Tieback, domain = 'loja-exemplo.myshopify.com'): Promise<number> {
  return (await pipeline.db.shop.upsert({ where: { domain }, create: { domain }, update: {} })).id;
}

function raise({ db, clock }: Pipeline, alert: Raised): Promise<void> {
  return db.$transaction((tx) => raiseAlert(tx, clock, alert));
}

const ALERT = { subject: 'shop', name: 'usage', detail: 'A limit is used up.', fix: 'Wait.' };

test('an alert stands once, however often and however parallel it is raised', async () => {
  const tieback = await openTieback();
  const alert = { ...ALERT, shopId: await shopId(tieback) };
  await Promise.all(Array.from({ length: 8 }, () => raise(tieback.pipeline, alert)));
  expect(await openAlerts(tieback.pipeline.db, alert.shopId)).toMatchObject([{ ...ALERT, raisedAt: START }]);
});

test('an alert of another subject, name or shop is another one', async () => {
  const tieback = await openTieback();
  const [mine, other] = [await shopId(tieback), await shopId(tieback, 'outra-loja.myshopify.com')];
  await raise(tieback.pipeline, { ...ALERT, shopId: mine });
  await raise(tieback.pipeline, { ...ALERT, shopId: mine, name: 'probe' });
  await raise(tieback.pipeline, { ...ALERT, shopId: mine, subject: '0192aaaa-0000-7000-8000-000000000001' });
  await raise(tieback.pipeline, { ...ALERT, shopId: other });
  expect(await openAlerts(tieback.pipeline.db, mine)).toHaveLength(3);
  expect(await openAlerts(tieback.pipeline.db, other)).toHaveLength(1);
});

test('what is right again is not shown any more, and may be told again', async () => {
  const tieback = await openTieback();
  const { pipeline, now } = tieback;
  const alert = { ...ALERT, shopId: await shopId(tieback) };
  await raise(pipeline, alert);
  await pipeline.db.$transaction((tx) => clearAlert(tx, pipeline.clock, alert));
  expect(await openAlerts(pipeline.db, alert.shopId)).toEqual([]);
  now.forward(1000);
  await raise(pipeline, alert);
  expect(await openAlerts(pipeline.db, alert.shopId)).toMatchObject([{ raisedAt: now.at }]);
  expect(await pipeline.db.alert.count()).toBe(2);
});

test('what was put away stays away until it was right in between', async () => {
  const tieback = await openTieback();
  const { pipeline } = tieback;
  const alert = { ...ALERT, shopId: await shopId(tieback) };
  await raise(pipeline, alert);
  const [open] = await openAlerts(pipeline.db, alert.shopId);
  const id = open?.id ?? '';
  expect(await dismissAlert(pipeline, alert.shopId, id)).toEqual({ kind: 'dismissed' });
  expect(await dismissAlert(pipeline, alert.shopId, id)).toEqual({ kind: 'not_found' });
  await raise(pipeline, alert);
  expect(await openAlerts(pipeline.db, alert.shopId)).toEqual([]);
  await pipeline.db.$transaction((tx) => clearAlert(tx, pipeline.clock, alert));
  await raise(pipeline, alert);
  expect(await openAlerts(pipeline.db, alert.shopId)).toHaveLength(1);
});

test('a shop cannot put away the alert of another, nor anything that is no alert', async () => {
  const tieback = await openTieback();
  const [mine, other] = [await shopId(tieback), await shopId(tieback, 'outra-loja.myshopify.com')];
  await raise(tieback.pipeline, { ...ALERT, shopId: mine });
  const [open] = await openAlerts(tieback.pipeline.db, mine);
  for (const id of [open?.id ?? '', 'not-an-id', ''])
    expect(await dismissAlert(tieback.pipeline, other, id)).toEqual({ kind: 'not_found' });
  expect(await openAlerts(tieback.pipeline.db, mine)).toHaveLength(1);
});

test('a connection that is connected anew begins without alerts; the others keep theirs', async () => {
  const tieback = await openTieback();
  const { pipeline } = tieback;
  const id = await shopId(tieback);
  const subject = '0192aaaa-0000-7000-8000-000000000001';
  for (const name of ['probe', 'usage']) await raise(pipeline, { ...ALERT, shopId: id, subject, name });
  await raise(pipeline, { ...ALERT, shopId: id });
  await pipeline.db.$transaction((tx) => clearAlertsOf(tx, pipeline.clock, { shopId: id, subject }));
  expect(await openAlerts(pipeline.db, id)).toMatchObject([{ subject: 'shop' }]);
});
