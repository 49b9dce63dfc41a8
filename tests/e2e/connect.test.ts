import { expect, test } from 'vitest';
import type { FrameLocator } from 'playwright-core';
import { PHONE } from '../sandbox/browser.ts';
import { MERCHANT, META_APP_SECRET } from '../sandbox/stage.ts';
import { openStreet } from '../sandbox/street.ts';
import { openStage, visit } from './visit.ts';

async function widthOver(app: FrameLocator): Promise<number> {
  return app.locator('html').evaluate((root) => root.scrollWidth - root.clientWidth);
}

test('a merchant signs up with Facebook, and the next ad click and order are reported', async () => {
  const stage = await openStage();
  const { page, app, errors } = await visit(stage, '/app/settings');
  const popup = page.context().waitForEvent('page');
  await app.getByRole('button', { name: 'Continue with Facebook' }).click();
  const facebook = await popup;
  await facebook.getByRole('button', { name: /Cancel/ }).click();
  await app.getByText('The sign-up was not finished').waitFor();

  const second = page.context().waitForEvent('page');
  await app.getByRole('button', { name: 'Continue with Facebook' }).click();
  const dialog = await second;
  await dialog
    .getByRole('button', { name: new RegExp(MERCHANT.shop.name) })
    .first()
    .click();
  await app.getByText(`${MERCHANT.displayNumber} is connected`).waitFor();
  await app.getByText('Signed up with Facebook').first().waitFor();

  const street = openStreet(stage);
  await street.tapAd({ waId: '553184127730' });
  await street.placeOrder({ phone: '(31) 98412-7730', amount: '214.90' });
  await stage.meta.waitForAccepted(1, 30_000);
  expect(errors).toEqual([]);
});

test('a mistake is named while the values are typed, and the right ones connect', async () => {
  const stage = await openStage();
  const { app } = await visit(stage, '/app/settings');
  await app.getByLabel('Access token').fill(MERCHANT.token);
  await app.getByLabel('WhatsApp Business Account ID').fill(MERCHANT.phoneNumberId);
  await app.getByText(/Meta accepts it\. It does not expire/).waitFor();
  await app.getByLabel('Phone number ID').focus();
  await app.getByText('This is the ID of a phone number.').waitFor();
  await app.getByLabel('WhatsApp Business Account ID').fill(MERCHANT.wabaId);
  await app.getByLabel('Phone number ID').fill(MERCHANT.phoneNumberId);
  await app.getByText('It has 1 phone number.').waitFor();
  await app.getByRole('button', { name: 'More', exact: true }).click();
  await app.getByLabel('App secret').fill('secret-of-quite-another-app');
  await app.getByLabel('Dataset ID (optional)').focus();
  await app.getByText(/This is not the secret of the Meta app/).waitFor();
  await app.getByLabel('App secret').fill(META_APP_SECRET);
  // By keyboard alone.
  await app.getByLabel('App secret').press('Enter');
  await app.getByText(`${MERCHANT.displayNumber} is connected`).waitFor();
  await expect
    .poll(() => app.getByRole('textbox', { name: 'Verify token' }).inputValue())
    .toMatch(/^[\w-]{32}$/);
  const callback = app.getByRole('textbox', { name: 'Callback URL' }).first();
  expect(await callback.inputValue()).toMatch(
    new RegExp(`^${stage.appUrl}/webhooks/whatsapp/[\\da-f-]{36}$`),
  );
  const words = await app.locator('body').innerText();
  for (const secret of [MERCHANT.token, META_APP_SECRET]) expect(words).not.toContain(secret);
});

test('a number is taken off and connected again, its token replaced, all on a phone', async () => {
  const stage = await openStage();
  const { page, app } = await visit(stage, '/app/settings', PHONE);
  expect(await widthOver(app)).toBeLessThanOrEqual(0);
  await app.getByLabel('Access token').fill(MERCHANT.token);
  await app.getByLabel('WhatsApp Business Account ID').fill(MERCHANT.wabaId);
  await app.getByLabel('Phone number ID').fill(MERCHANT.phoneNumberId);
  await app.getByRole('button', { name: 'Connect number' }).click();
  await app.getByText(`${MERCHANT.displayNumber} is connected`).waitFor();

  await app.getByRole('button', { name: `Replace the token of ${MERCHANT.displayNumber}` }).click();
  await app.getByLabel(/New access token/).fill('EAAneverIssuedByAnybody');
  await app.getByRole('button', { name: 'Replace token', exact: true }).click();
  await app.getByText('Meta does not accept this access token.').waitFor();
  await app.getByLabel(/New access token/).fill(MERCHANT.token);
  await app.getByRole('button', { name: 'Replace token', exact: true }).click();
  await page.getByText('Token replaced').waitFor();

  await app.getByRole('button', { name: `Disconnect ${MERCHANT.displayNumber}` }).click();
  await app.getByRole('button', { name: 'Disconnect', exact: true }).click();
  await app.getByRole('heading', { name: 'Disconnected numbers' }).waitFor();
  expect(await widthOver(app)).toBeLessThanOrEqual(0);
  await app.getByRole('button', { name: `Connect ${MERCHANT.displayNumber} again` }).click();
  await app.getByLabel('Access token').fill(MERCHANT.token);
  await app.getByRole('button', { name: 'Connect number' }).click();
  await app.getByText(`${MERCHANT.displayNumber} is connected`).waitFor();
  await expect.poll(() => app.getByRole('heading', { name: 'Disconnected numbers' }).count()).toBe(0);
});
