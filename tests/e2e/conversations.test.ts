import type { FrameLocator, Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { shopifyOrder } from '../builders/shopify.ts';
import { openBrowser, openContext, PHONE, WIDE } from '../sandbox/browser.ts';
import { connectMerchant, MERCHANT, raiseStage, type Stage } from '../sandbox/stage.ts';
import { openStreet } from '../sandbox/street.ts';

const MARIA = '553198765432';
const SHORT_LINK = new RegExp(`^https://${MERCHANT.shop.domain}/apps/tieback/l/([0-9A-Za-z]{16})$`);

test('staff make a chat link, the customer opens it, and the order that comes of it is found by it', async () => {
  const stage = await open();
  await connectMerchant(stage);
  await openStreet(stage).tapAd({ waId: MARIA });
  const { page, app, errors } = await visit(stage, '/app');
  await page.getByRole('link', { name: 'Conversations', exact: true }).last().click();
  await app.getByRole('link', { name: '+55 ••••• 5432' }).click();

  await app.getByRole('button', { name: 'Make link' }).click();
  await app.getByText('This is neither the address of a product page').waitFor();
  await app
    .getByLabel('Product page')
    .fill('https://www.loja.com.br/products/camiseta?variant=44100000000001');
  await app.getByRole('button', { name: 'Make link' }).click();
  const made = app.getByRole('status').getByLabel('Link for the chat', { exact: true });
  await made.waitFor();
  const link = await made.inputValue();
  const token = SHORT_LINK.exec(link)?.[1] ?? '';
  expect(link).toMatch(SHORT_LINK);
  await app.getByRole('status').getByRole('button', { name: 'Copy' }).click();
  await page.getByText('Link copied').waitFor();

  expect(await stage.shopify.visitShop(link)).toEqual({
    status: 302,
    location: `https://${MERCHANT.shop.domain}/products/camiseta?variant=44100000000001&wa_ref=${token}`,
  });
  const order = shopifyOrder({
    id: 7001,
    name: '#7001',
    currency: MERCHANT.shop.currency,
    created_at: new Date().toISOString(),
    processed_at: new Date().toISOString(),
    updated_at: new Date().toISOString(),
    customer: null,
    billing_address: null,
    shipping_address: null,
    note_attributes: [{ name: '__wa_ref', value: token }],
  });
  await stage.shopify.deliverWebhook({ domain: MERCHANT.shop.domain, topic: 'orders/paid', body: order });
  await stage.meta.waitForAccepted(1, 30_000);

  await page.reload();
  await app.getByText('Opened once').waitFor();
  await app.getByText('Came back with').waitFor();
  // Among the orders, beside the link that it came back with, and beside what Meta was told.
  expect(await app.getByRole('link', { name: '#7001' }).count()).toBe(3);
  expect(errors).toEqual([]);
});

test('a conversation is found by typing the number as people write it, with the keyboard alone', async () => {
  const stage = await open();
  await connectMerchant(stage);
  const street = openStreet(stage);
  await street.write({ waId: MARIA });
  await street.write({ waId: '5521987650000' });
  const { page, app, errors } = await visit(stage, '/app/conversations');
  const field = app.getByLabel('Find by phone number');
  await field.fill('(31) 99876-5432');
  await field.press('Enter');
  await expect.poll(() => app.getByRole('link', { name: '+55 •••••' }).count()).toBe(1);
  await app.getByRole('link', { name: '+55 ••••• 5432' }).waitFor();
  await app.getByRole('status').getByText('1 conversation found').waitFor();
  expect(page.url()).not.toContain('99876');
  await field.fill('31 98888-0000');
  await field.press('Enter');
  await app.getByText('Nobody has written from this number').waitFor();
  await app.getByRole('status').getByText('No conversation found').waitFor();
  await field.fill('maria');
  await field.press('Enter');
  await app.getByText('Enter a whole phone number').waitFor();
  expect(errors).toEqual([]);
});

test('two people that were taken for one are taken apart on the page of their conversation', async () => {
  const stage = await open();
  await connectMerchant(stage);
  const street = openStreet(stage);
  const userId = 'BR.13491208655302741918';
  await street.tapAd({ waId: null, userId });
  await street.tapAd({ waId: '553198765432' });
  await street.tapAd({ waId: '553198765432', userId });
  const { page, app, errors } = await visit(stage, '/app/conversations');
  await app.getByRole('link', { name: '+55 ••••• 5432' }).click();
  await app.getByRole('button', { name: 'They are two people' }).click();
  const dialog = app.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Keep them one' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await app.getByRole('button', { name: 'They are two people' }).click();
  await dialog.getByRole('button', { name: 'Take apart' }).click();
  await page.getByText('They are two chats again').waitFor();
  await app.getByText('They were taken apart again on').waitFor();
  expect(await app.getByRole('button', { name: 'They are two people' }).count()).toBe(0);
  await page.getByRole('link', { name: 'Conversations', exact: true }).last().click();
  await expect.poll(() => app.getByRole('link', { name: 'Number hidden by WhatsApp' }).count()).toBe(1);
  await app.getByRole('link', { name: '+55 ••••• 5432' }).waitFor();
  expect(errors).toEqual([]);
});

test('a page of the list that holds nobody any more leads back to all', async () => {
  const stage = await open();
  await connectMerchant(stage);
  await openStreet(stage).write({ waId: MARIA });
  const past = '/app/conversations?after=1000-018f0000-0000-7000-8000-000000000000';
  const { app } = await visit(stage, past);
  await app.getByText('No conversation on this page').waitFor();
  await app.getByRole('link', { name: 'Show all conversations' }).click();
  await app.getByRole('link', { name: '+55 ••••• 5432' }).waitFor();
});

test('the pages of conversations teach when they are empty and fit a phone', async () => {
  const stage = await open();
  await connectMerchant(stage);
  const empty = await visit(stage, '/app/conversations', PHONE);
  await empty.app.getByRole('heading', { name: 'No conversations yet' }).waitFor();
  expect(await overflow(empty.app)).toBeLessThanOrEqual(0);

  const missing = await visit(stage, '/app/conversations/018f0000-0000-7000-8000-000000000000', PHONE);
  await missing.app.getByText('This conversation is not here').waitFor();

  await openStreet(stage).tapAd({ waId: null, userId: 'BR.1234567890' });
  const { app } = await visit(stage, '/app/conversations', PHONE);
  await app.getByRole('link', { name: 'Number hidden by WhatsApp' }).waitFor();
  expect(await overflow(app)).toBeLessThanOrEqual(0);
  await app.getByRole('link', { name: 'Number hidden by WhatsApp' }).click();
  await app.getByText('Draft order', { exact: true }).click();
  await app.getByRole('button', { name: 'Make tag' }).click();
  await expect
    .poll(() => app.getByRole('status').getByLabel('Tag for the draft order', { exact: true }).inputValue())
    .toMatch(/^wa_ref:[0-9A-Za-z]{16}$/);
  expect(await overflow(app)).toBeLessThanOrEqual(0);
});

function overflow(app: FrameLocator): Promise<number> {
  return app.locator('html').evaluate((root) => root.scrollWidth - root.clientWidth);
}

async function open(): Promise<Stage> {
  const stage = await raiseStage({ log: 'inherit' });
  onTestFinished(() => stage.close());
  return stage;
}

async function visit(
  stage: Stage,
  path: string,
  viewport = WIDE,
): Promise<{ page: Page; app: FrameLocator; errors: string[] }> {
  const browser = await openBrowser();
  onTestFinished(() => browser.close());
  const page = await (await openContext(browser, viewport)).newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    // Fonts from Shopify's network cannot be had here, the sandbox's frame does not allow the clipboard, and a form that
    // was filled in wrongly is answered with 422.
    const expected = /ERR_NAME_NOT_RESOLVED|clipboard|422/i;
    if (message.type() === 'error' && !expected.test(message.text())) errors.push(message.text());
  });
  await page.goto(stage.shopify.adminUrl(MERCHANT.shop.domain, path));
  return { page, app: page.frameLocator('iframe'), errors };
}
