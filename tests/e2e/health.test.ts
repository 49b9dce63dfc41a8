import { expect, test } from 'vitest';
import { PHONE } from '../sandbox/browser.ts';
import { connectMerchant, MERCHANT } from '../sandbox/stage.ts';
import { openStage, visit } from './visit.ts';

test('a merchant has everything checked, learns of an ended token, and puts its alert away', async () => {
  const stage = await openStage();
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

  const overview = await visit(stage, '/app');
  const alert = overview.app.getByRole('heading', { name: `${MERCHANT.displayNumber}: Access token` });
  await alert.waitFor();
  await overview.app.getByRole('button', { name: 'Dismiss notification' }).first().click();
  await alert.waitFor({ state: 'detached' });
  const again = await visit(stage, '/app');
  await again.app.getByRole('heading', { name: 'Set up Tieback' }).waitFor();
  expect(await again.app.getByText(`${MERCHANT.displayNumber}: Access token`).count()).toBe(0);
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
