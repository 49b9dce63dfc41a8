import { expect, test } from 'vitest';
import { runDoctor, type CheckRow } from '../../app/pipeline/doctor.ts';
import { resultsOf } from './doctor.ts';
import { openInstalled, type Installed } from './installed.ts';
import { SHOP } from './tieback.ts';

async function check({ tieback: { pipeline }, openAdmin }: Installed): Promise<CheckRow[]> {
  const shop = await pipeline.db.shop.upsert({
    where: { domain: SHOP },
    create: { domain: SHOP },
    update: {},
  });
  return runDoctor(pipeline, openAdmin, shop);
}

test('Shopify is asked for the scopes that it gave, and what is missing is named', async () => {
  const installed = await openInstalled();
  const rows = await check(installed);
  expect(rows.find(({ name }) => name === 'shopify_scopes')).toMatchObject({
    result: 'failed',
    detail: 'Tieback lacks access: read_fulfillments, write_app_proxy.',
  });
});

test('an order whose customer Shopify gives shows that the app is approved; without an order nobody knows', async () => {
  const installed = await openInstalled();
  expect(resultsOf(await check(installed), 'shop')).toMatchObject({ protected_data: 'unknown' });
  installed.sell();
  const rows = await check(installed);
  expect(resultsOf(rows, 'shop')).toMatchObject({ protected_data: 'ok' });
  expect(JSON.stringify(rows)).not.toContain('98665');
});

test('while Shopify fails its side is not known, and it is not asked for ever', async () => {
  const installed = await openInstalled();
  installed.shopify.faultNext('server_error', 20);
  const rows = await check(installed);
  expect(resultsOf(rows, 'shop')).toMatchObject({ shopify_scopes: 'unknown', protected_data: 'unknown' });
});

test('an order that the list told of and no delivery is a warning, until a week has passed', async () => {
  const installed = await openInstalled();
  const { tieback } = installed;
  await tieback.connect();
  installed.sell();
  await installed.reconcile();
  const missed = await check(installed);
  expect(missed.find(({ name }) => name === 'shopify_webhooks')).toMatchObject({
    result: 'warning',
    detail: expect.stringContaining('the payment of 1 order in the last 7 days'),
  });
  tieback.now.forward(8 * 86_400_000);
  expect(resultsOf(await check(installed), 'shop')).toMatchObject({ shopify_webhooks: 'unknown' });
});
