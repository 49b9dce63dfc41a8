import { expect, test } from 'vitest';
import { PHONE } from '../sandbox/browser.ts';
import { connectMerchant, MERCHANT, type Stage } from '../sandbox/stage.ts';
import { openStage, visit } from './visit.ts';

test('a merchant has everything checked, learns of an ended token, and puts its alert away', async () => {
  const stage = await openStage();
  grantLess(stage);
  const empty = await visit(stage, '/app/health');
  await empty.app.getByText('Nothing to check yet').waitFor();
  await empty.app
    .getByRole('link', { name: 'Connect number' })
    .or(empty.app.getByRole('button', { name: 'Connect number' }))
    .waitFor();

  await connectMerchant(stage);
  const { app, errors } = await visit(stage, '/app/health');
  await app.getByRole('heading', { name: 'Not checked yet' }).waitFor();
  await app.getByRole('button', { name: 'Check now' }).click();
  await app.getByRole('heading', { name: 'Last checked' }).waitFor();
  await app.getByRole('heading', { name: MERCHANT.displayNumber }).waitFor();
  await app.getByText('Meta accepts the access token.').waitFor();
  await app.getByText(/answered exactly as it should be \(100\/2804087\)/).waitFor();
  await app.getByRole('heading', { name: 'Your store' }).waitFor();
  expect(await app.locator('body').innerText()).not.toContain(MERCHANT.token);

  stage.meta.expireToken(MERCHANT.token);
  await app.getByRole('button', { name: 'Check now' }).click();
  await app.getByText(/^Meta does not accept the access token any more/).waitFor();
  await app.getByText('In the settings, replace the access token with a new one.').first().waitFor();

  // What could not be looked at for one reason is said in one line.
  expect(await app.getByText('Not looked at, because Meta does not accept the access token.').count()).toBe(
    1,
  );
  await app.getByRole('heading', { name: /^End of the access token · Permissions/ }).waitFor();

  const overview = await visit(stage, '/app');
  const alert = overview.app.getByRole('heading', { name: `${MERCHANT.displayNumber}: Access token` });
  await alert.waitFor();
  // Each thing is said once, and all of them in one banner.
  await overview.app.getByRole('heading', { name: '2 things need a look' }).waitFor();
  expect(await overview.app.getByText('Test event').count()).toBe(0);
  await overview.app
    .getByRole('button', { name: `Dismiss. ${MERCHANT.displayNumber}: Access token` })
    .click();
  await alert.waitFor({ state: 'detached' });
  await overview.app.getByRole('heading', { name: 'Your store: Access to the store' }).waitFor();
  await overview.app.getByRole('button', { name: 'Dismiss notification' }).click();
  await overview.app.getByText('Access to the store').waitFor({ state: 'detached' });
  const again = await visit(stage, '/app');
  await again.app.getByRole('heading', { name: 'Set up Tieback' }).waitFor();
  expect(await again.app.getByText(`${MERCHANT.displayNumber}: Access token`).count()).toBe(0);
  expect([...errors, ...overview.errors]).toEqual([]);
});

test('what is wrong leads to the part of the settings that puts it right, and back', async () => {
  const stage = await openStage();
  grantLess(stage);
  await connectMerchant(stage);
  stage.meta.expireToken(MERCHANT.token);
  const { page, app, errors } = await visit(stage, '/app/health');
  await app.getByRole('button', { name: 'Check now' }).click();
  await app.getByRole('heading', { name: 'Last checked' }).waitFor();
  await app.getByRole('link', { name: 'Open settings. What Meta is told' }).click();
  await app.getByRole('heading', { name: 'Kinds of orders' }).waitFor();
  expect(await app.getByRole('heading', { name: 'WhatsApp numbers' }).isVisible()).toBe(false);
  await page.goBack();
  await app.getByRole('link', { name: 'Open settings. Access token' }).click();
  await app.getByRole('button', { name: `Replace the token of ${MERCHANT.displayNumber}` }).waitFor();

  const overview = await visit(stage, '/app');
  await overview.app.getByRole('link', { name: 'See health. Your store: Access to the store' }).click();
  await overview.app.getByText(/^Tieback lacks access/).waitFor();
  expect([...errors, ...overview.errors]).toEqual([]);
});

test('health and overview fit a phone while much is wrong', async () => {
  const stage = await openStage();
  await connectMerchant(stage);
  stage.meta.expireToken(MERCHANT.token);
  const { app } = await visit(stage, '/app/health', PHONE);
  await app.getByRole('button', { name: 'Check now' }).click();
  await app.getByRole('heading', { name: 'Last checked' }).waitFor();
  const overview = await visit(stage, '/app', PHONE);
  await overview.app.getByText(`${MERCHANT.displayNumber}: Access token`).waitFor();
  for (const frame of [app, overview.app]) {
    const overflow = await frame.locator('html').evaluate((root) => root.scrollWidth - root.clientWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  }
});

/** The store has not granted all the access that the app asks for by now. */
function grantLess(stage: Stage): void {
  stage.shopify.addShop({ ...MERCHANT.shop, scopes: ['read_orders', 'read_customers', 'write_app_proxy'] });
}
