import type { FrameLocator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { shopifyAddress, shopifyCustomer, shopifyOrder } from '../builders/shopify.ts';
import { PHONE, WIDE } from '../sandbox/browser.ts';
import { connectMerchant, MERCHANT, type Stage } from '../sandbox/stage.ts';
import { openStreet } from '../sandbox/street.ts';
import { openStage, openTab, visit } from './visit.ts';

const HOUR_MS = 3_600_000;
const ago = (hours: number): Date => new Date(Date.now() - hours * HOUR_MS);
const MARIA = { waId: '553184127730', typed: '(31) 98412-7730', ad: 'Camisetas novas' };
const JOAO = { waId: '5521987650000', typed: '021 98765-0000', ad: 'Frete grátis hoje' };

test('an order that two chats claim is linked to the other one by hand, and taken back, without telling Meta again', async () => {
  const stage = await openStage();
  await connectMerchant(stage);
  const street = openStreet(stage);
  await street.tapAd({ waId: MARIA.waId, headline: MARIA.ad, at: ago(5) });
  await street.tapAd({ waId: JOAO.waId, headline: JOAO.ad, at: ago(4) });
  await placeClaimedOrder(stage);
  await stage.meta.waitForAccepted(1, 30_000);

  const { page, app, errors } = await visit(stage, '/app/orders?disagree=yes');
  await app.getByRole('link', { name: '#2001' }).click();
  await app.getByText('Two chats claim this order').waitFor();
  await app.getByText('Points to another chat').waitFor();
  await creditedAd(app, MARIA.ad).waitFor();

  await app.getByRole('button', { name: 'Link to another conversation' }).click();
  const dialog = app.getByRole('dialog');
  await dialog.getByLabel('The customer’s phone number on WhatsApp').fill('12');
  await dialog.getByRole('button', { name: 'Search' }).click();
  await dialog.getByText('Enter a whole phone number, with its area code.').waitFor();
  await dialog.getByLabel('The customer’s phone number on WhatsApp').fill(JOAO.typed);
  await dialog.getByRole('button', { name: 'Search' }).click();
  await dialog.getByText('Found', { exact: true }).waitFor();
  await dialog.getByRole('status').getByText('1 conversation to choose').waitFor();
  await dialog.getByText('+55 ••••• 0000').click();
  await dialog.getByRole('button', { name: 'Link order' }).click();

  await creditedAd(app, JOAO.ad).waitFor();
  await app.getByText('A person said that the order does not belong to this chat.').waitFor();
  await app.getByText('Linked to a chat by hand').waitFor();
  await app.getByRole('button', { name: 'Take back' }).click();
  await creditedAd(app, MARIA.ad).waitFor();

  await app.getByRole('button', { name: 'This is not theirs' }).click();
  await dialog.getByRole('button', { name: 'Part order and chat' }).click();
  await creditedAd(app, JOAO.ad).waitFor();
  expect(stage.meta.accepted()).toHaveLength(1);
  expect(page.url()).not.toContain('98765');
  expect(errors).toEqual([]);
});

test('of two chats that claim an order, the one that is not theirs is set aside, and the other stays', async () => {
  const stage = await openStage();
  await connectMerchant(stage);
  const street = openStreet(stage);
  await street.tapAd({ waId: MARIA.waId, headline: MARIA.ad, at: ago(5) });
  await street.tapAd({ waId: JOAO.waId, headline: JOAO.ad, at: ago(4) });
  const path = await placeClaimedOrder(stage);
  await stage.meta.waitForAccepted(1, 30_000);

  const { page, app, errors } = await visit(stage, path);
  await app.getByText('Two chats claim this order').waitFor();
  await app.getByRole('link', { name: 'Open the chat of +55 ••••• 0000' }).waitFor();
  const notTheirs = app.getByRole('button', { name: 'Not theirs: the chat of +55 ••••• 0000' });
  await notTheirs.click();
  await app.getByRole('dialog').getByRole('button', { name: 'Set the chat aside' }).click();
  await page.getByText('Chat set aside').waitFor();
  await app.getByText('Two chats claim this order').waitFor({ state: 'hidden' });
  await creditedAd(app, MARIA.ad).waitFor();
  await app.getByText('said that it does not belong to a chat that claimed it', { exact: false }).waitFor();

  const answer = await answerNotFound(page);
  await app.getByRole('button', { name: 'Take back' }).click();
  await page.getByText('This order is not here any more').waitFor();
  await app.getByRole('button', { name: 'This is not theirs' }).click();
  await app.getByRole('dialog').getByRole('button', { name: 'Part order and chat' }).click();
  await page.getByText('This chat is not here any more').waitFor();
  await app.getByRole('dialog').waitFor({ state: 'hidden' });
  await answer.stop();

  await app.getByRole('button', { name: 'Take back' }).click();
  await notTheirs.waitFor();
  expect(stage.meta.accepted()).toHaveLength(1);
  expect(errors.filter((error) => !error.includes('404'))).toEqual([]);
});

test('a comparison that other settings have overtaken is made again, and then applied', async () => {
  const stage = await openStage();
  await connectMerchant(stage);
  const { app, errors } = await visit(stage, '/app/reattribute');
  const street = openStreet(stage);
  await street.tapAd({ waId: MARIA.waId, adId: '120200000000000001', headline: 'Primeira', at: ago(30) });
  await street.tapAd({ waId: MARIA.waId, adId: '120200000000000002', headline: 'Segunda', at: ago(6) });
  await street.placeOrder({ phone: MARIA.typed, amount: '90.00', at: ago(1) });
  await stage.meta.waitForAccepted(1, 30_000);
  const change = (setting: string) => stage.operator('settings', '--shop', MERCHANT.shop.domain, setting);
  const compare = app.getByRole('button', { name: 'Compare', exact: true });
  const apply = app.getByRole('button', { name: 'Apply', exact: true });

  await change('attribution_model=first_click');
  await compare.click();
  await app.getByRole('status').getByText('Compared. Orders that would change: 1.').waitFor();
  await change('channel_renewal=business_messaging');
  await apply.click();
  await app.getByText('Your settings have changed since').waitFor();
  await apply.waitFor({ state: 'hidden' });

  await compare.click();
  await apply.click();
  await app.getByText('Nothing that Meta has was sent again', { exact: false }).waitFor();
  await app.getByText('Orders that are now reported to Meta: 0.', { exact: false }).waitFor();
  expect(stage.meta.accepted()).toHaveLength(1);
  expect(errors.filter((error) => !error.includes('409'))).toEqual([]);
});

test('a changed model is compared with the past, shown, and applied without telling Meta again', async () => {
  const stage = await openStage();
  await connectMerchant(stage);
  const street = openStreet(stage);
  await street.tapAd({ waId: MARIA.waId, adId: '120200000000000001', headline: 'Primeira', at: ago(30) });
  await street.tapAd({ waId: MARIA.waId, adId: '120200000000000002', headline: 'Segunda', at: ago(6) });
  const order = await street.placeOrder({ phone: MARIA.typed, amount: '90.00', at: ago(1) });
  await stage.meta.waitForAccepted(1, 30_000);

  const { page, app, errors } = await visit(stage, '/app/settings');
  await openTab(app, 'Attribution');
  await app.getByText('First click', { exact: true }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await app.getByText('Past orders keep their credit', { exact: true }).waitFor();
  await app.getByRole('link', { name: 'See what would change' }).click();

  await app.getByText('Nothing compared yet').waitFor();
  await app.getByText('The last 7 days', { exact: true }).click();
  await app.getByRole('button', { name: 'Compare', exact: true }).click();
  await app.getByRole('button', { name: 'Apply', exact: true }).waitFor();
  await app.getByText('Ad 120200000000000001', { exact: false }).waitFor();
  await app.getByRole('button', { name: 'Apply', exact: true }).click();
  await app.getByText('Nothing that Meta has was sent again', { exact: false }).waitFor();

  await app.getByRole('link', { name: order.name }).click();
  await creditedAd(app, 'Primeira').waitFor();
  await app.getByText('Meta confirmed that it has this purchase.').first().waitFor();
  expect(stage.meta.accepted()).toHaveLength(1);
  expect(errors).toEqual([]);
});

test('an order told to Meta before and after its payment shows both events', async () => {
  const stage = await openStage();
  await connectMerchant(stage);
  await stage.operator('settings', '--shop', MERCHANT.shop.domain, 'report_order_created=on');
  const street = openStreet(stage);
  await street.tapAd({ waId: MARIA.waId, headline: MARIA.ad, at: ago(5) });
  const order = await street.placeOrder({ phone: MARIA.typed, amount: '90.00', at: ago(2), paid: false });
  await stage.meta.waitForAccepted(1, 30_000);
  await street.markPaid(order.gid);
  await stage.meta.waitForAccepted(2, 30_000);

  const { app } = await visit(stage, `/app/orders/${order.gid.split('/').at(-1)}`);
  await app.getByText('Told Meta of the order').waitFor();
  await app.getByText('Told Meta', { exact: true }).waitFor();
  for (const name of ['OrderCreated', 'Purchase'])
    await app.getByText(name, { exact: true }).first().waitFor();
});

test('a period that cannot be is refused beside its dates', async () => {
  const stage = await openStage();
  const { app } = await visit(stage, '/app/reattribute');
  await app.getByText('Other dates').click();
  await app.getByLabel('First day').fill('2026-02-10');
  await app.getByLabel('Last day').fill('2026-02-09');
  await app.getByRole('button', { name: 'Compare', exact: true }).click();
  await app.getByText('Choose a day on or after the first one.').waitFor();
});

test('an order with all its cards fits a phone', async () => {
  const stage = await openStage();
  await connectMerchant(stage);
  const street = openStreet(stage);
  await street.tapAd({ waId: MARIA.waId, headline: MARIA.ad, at: ago(5) });
  await street.tapAd({ waId: JOAO.waId, headline: JOAO.ad, at: ago(4) });
  const path = await placeClaimedOrder(stage);
  await stage.meta.waitForAccepted(1, 30_000);
  for (const viewport of [WIDE, PHONE]) {
    const { app } = await visit(stage, path, viewport);
    await app.getByText('Which ad earned it').waitFor();
    const overflow = await app.locator('html').evaluate((root) => root.scrollWidth - root.clientWidth);
    expect(overflow, `${viewport.width} pixels are not enough`).toBeLessThanOrEqual(0);
  }
});

/** Maria's phone on the order, João's on the billing address; a pickup. */
async function placeClaimedOrder(stage: Stage): Promise<string> {
  const at = ago(1).toISOString();
  const order = shopifyOrder({
    id: 5_512_345_602_001,
    name: '#2001',
    created_at: at,
    processed_at: at,
    updated_at: at,
    phone: MARIA.typed,
    customer: shopifyCustomer({ phone: null, default_address: null }),
    billing_address: shopifyAddress({ phone: JOAO.typed }),
    shipping_address: null,
  });
  const { domain } = MERCHANT.shop;
  stage.shopify.placeOrder(domain, order);
  await stage.shopify.deliverWebhook({ domain, topic: 'orders/paid', body: order, triggeredAt: ago(1) });
  return `/app/orders/${String(order['id'])}`;
}

/** From now on the app answers what staff say of an order with "not found", as it does once the customer was erased. */
async function answerNotFound(page: Page): Promise<{ stop(): Promise<void> }> {
  const orders = /\/app\/orders\//;
  await page.route(orders, (route) =>
    route.request().method() === 'POST'
      ? route.fulfill({
          status: 404,
          contentType: 'application/json; charset=utf-8',
          headers: { 'x-remix-response': 'yes' },
          body: JSON.stringify({ kind: 'not_found' }),
        })
      : route.continue(),
  );
  return { stop: () => page.unroute(orders) };
}

/** The headline on the card of the credited click, not in the timeline or the picture. */
function creditedAd(app: FrameLocator, headline: string) {
  return app.locator('.tb-facts').getByText(headline, { exact: true });
}
