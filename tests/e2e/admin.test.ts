import type { FrameLocator } from 'playwright-core';
import { expect, test } from 'vitest';
import { PHONE, WIDE } from '../sandbox/browser.ts';
import { MERCHANT } from '../sandbox/stage.ts';
import { openStreet } from '../sandbox/street.ts';
import { openStage, openTab, visit } from './visit.ts';

test('a merchant connects a number in the framed admin, and a click and an order end as reported', async () => {
  const stage = await openStage();
  const { page, app, errors } = await visit(stage, '/app');

  await app.getByRole('heading', { name: 'Set up Tieback' }).waitFor();
  await app
    .getByRole('link', { name: 'Connect number' })
    .or(app.getByRole('button', { name: 'Connect number' }))
    .click();
  await fillConnection(app, { token: 'EAAnotTheRightTokenAtAll0000' });
  await app.getByText('Meta does not accept this access token.').first().waitFor();
  await fillConnection(app, { token: MERCHANT.token });
  await app.getByText('Connected', { exact: true }).first().waitFor();
  expect(await app.locator('body').innerText()).not.toContain(MERCHANT.token);

  const street = openStreet(stage);
  const tap = await street.tapAd({ waId: '553184127730' });
  const order = await street.placeOrder({ phone: '(31) 98412-7730', amount: '214.90' });
  expect([tap.status, order.status]).toEqual([200, 200]);
  await stage.meta.waitForAccepted(1, 30_000);
  const [accepted] = stage.meta.accepted();

  await page.getByRole('link', { name: 'Orders', exact: true }).last().click();
  await app.getByRole('heading', { name: 'Orders' }).or(app.getByText(order.name)).first().waitFor();
  await app.getByRole('link', { name: order.name }).first().click();
  // The list says why as well; the timeline is on the order's own page only.
  await app.getByRole('heading', { name: 'What happened' }).waitFor();
  await app.getByText('Meta confirmed that it has this purchase.').first().waitFor();
  const words = await app.locator('body').innerText();
  expect(words).toContain(accepted?.fbtraceId);
  expect(words).not.toContain(tap.clid);
  expect(words).not.toContain('98412');
  expect(errors).toEqual([]);
});

test('settings are changed with the save bar, and discarded with it', async () => {
  const stage = await openStage();
  const { page, app } = await visit(stage, '/app/settings');
  await openTab(app, 'Attribution');
  const sevenDays = app.getByRole('radio', { name: '7 days', exact: true });
  await expect.poll(() => sevenDays.isChecked()).toBe(true);

  await app.getByText('90 days', { exact: true }).click();
  await page.getByText('Unsaved changes').waitFor();
  await page.getByRole('button', { name: 'Discard' }).click();
  await expect.poll(() => sevenDays.isChecked()).toBe(true);

  await app.getByText('28 days', { exact: true }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Unsaved changes').waitFor({ state: 'hidden' });
  const settings = await stage.operator('settings', '--shop', MERCHANT.shop.domain);
  expect(settings).toMatchObject({ window_days: 28 });
});

test('every page fits a phone', async () => {
  const stage = await openStage();
  const street = openStreet(stage);
  const order = await street.placeOrder({ phone: '+55 11 95555-1234', amount: '45.50' });
  const id = order.gid.split('/').at(-1);
  for (const path of ['/app', '/app/orders', `/app/orders/${id}`, '/app/settings', '/app/reattribute']) {
    const { app } = await visit(stage, path, PHONE);
    await app.getByRole('heading').or(app.getByText(order.name)).first().waitFor();
    const overflow = await app.locator('html').evaluate((root) => root.scrollWidth - root.clientWidth);
    expect(overflow, `${path} is wider than a phone`).toBeLessThanOrEqual(0);
  }
});

test('an order of another shop is not found', async () => {
  const stage = await openStage();
  stage.shopify.addShop({ ...MERCHANT.shop, domain: 'outra-loja.myshopify.com', name: 'Outra Loja' });
  const order = await openStreet(stage).placeOrder({ phone: '+55 11 95555-1234', amount: '45.50' });
  const id = order.gid.split('/').at(-1);
  const { app } = await visit(stage, `/app/orders/${id}`);
  await app.getByText(order.name).first().waitFor();

  const other = await visit(stage, `/app/orders/${id}`, WIDE, 'outra-loja.myshopify.com');
  await other.app
    .getByText(/not found|no such order|no order/i)
    .first()
    .waitFor();
  expect(await other.app.locator('body').innerText()).not.toContain('45.50');
});

async function fillConnection(app: FrameLocator, { token }: { token: string }): Promise<void> {
  await app.getByLabel('Access token').fill(token);
  await app.getByLabel('WhatsApp Business Account ID').fill(MERCHANT.wabaId);
  await app.getByLabel('Phone number ID').fill(MERCHANT.phoneNumberId);
  await app.getByRole('button', { name: 'Connect number' }).click();
}
