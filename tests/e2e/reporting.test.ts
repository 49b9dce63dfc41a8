import type { FrameLocator } from 'playwright-core';
import { expect, test } from 'vitest';
import { PHONE } from '../sandbox/browser.ts';
import { connectMerchant, MERCHANT, type Stage } from '../sandbox/stage.ts';
import { openStreet } from '../sandbox/street.ts';
import { openStage, openTab, visit } from './visit.ts';

const MARIA = { waId: '553184127730', typed: '(31) 98412-7730' };

const settingsOf = (stage: Stage) => stage.operator('settings', '--shop', MERCHANT.shop.domain);

test('a merchant keeps orders of the online store from Meta, and the order says so and what would be told', async () => {
  const stage = await openStage();
  await connectMerchant(stage);
  const street = openStreet(stage);
  const settings = await visit(stage, '/app/settings');
  await openTab(settings.app, 'What Meta is told');
  await settings.app.getByText('Meta may count online sales twice').waitFor();
  await settings.app.getByRole('button', { name: 'These are right' }).waitFor();
  for (const kind of ['In the online store', 'Through a chat link'])
    await settings.app.getByLabel(`${kind}: tell Meta`).selectOption('none');
  await settings.app.getByText('Meta may count online sales twice').waitFor({ state: 'hidden' });
  await settings.page.getByRole('button', { name: 'Save', exact: true }).click();
  await settings.page.getByText('Settings saved').waitFor();
  await settings.app.getByRole('button', { name: 'These are right' }).waitFor({ state: 'hidden' });
  await settings.page.getByText('Unsaved changes').waitFor({ state: 'hidden' });
  expect(await settingsOf(stage)).toMatchObject({ channel_online_store: 'none', channels_chosen: true });

  const tap = await street.tapAd({ waId: MARIA.waId });
  const order = await street.placeOrder({ phone: MARIA.typed, amount: '90.00' });
  const path = `/app/orders/${order.gid.split('/').at(-1)}`;
  await expect
    .poll(async () => stage.operator('orders', '--shop', MERCHANT.shop.domain), { timeout: 30_000 })
    .toMatchObject([{ state: 'withheld', reason: 'online_store_off' }]);
  const { app, errors } = await visit(stage, path);
  await app
    .getByText('Your settings keep orders from the online store’s checkout from Meta.')
    .first()
    .waitFor();
  await app.getByRole('button', { name: 'Show what would be told' }).click();
  const json = JSON.parse(await app.locator('.tb-raw').first().innerText()) as Record<string, unknown>;
  const event = { event_name: 'Purchase', custom_data: { value: 90, currency: 'BRL' } };
  expect(json).toMatchObject({ data: [event], partner_agent: 'tieback' });
  expect(JSON.stringify(json)).not.toContain(tap.clid);
  expect(stage.meta.accepted()).toEqual([]);
  expect([...errors, ...settings.errors]).toEqual([]);
});

test('the channels are confirmed as they are with one press', async () => {
  const stage = await openStage();
  const { page, app } = await visit(stage, '/app/settings');
  await openTab(app, 'What Meta is told');
  await app.getByRole('button', { name: 'These are right' }).click();
  await page.getByText('Settings saved').waitFor();
  await app.getByRole('button', { name: 'These are right' }).waitFor({ state: 'hidden' });
  expect(await settingsOf(stage)).toMatchObject({
    channels_chosen: true,
    channel_online_store: 'business_messaging',
  });
});

test('unsaved settings are previewed before anything is sent, of the latest order and of an example', async () => {
  const stage = await openStage();
  await connectMerchant(stage);
  const street = openStreet(stage);
  const tap = await street.tapAd({ waId: MARIA.waId });
  await street.placeOrder({ phone: MARIA.typed, amount: '90.00' });
  await stage.meta.waitForAccepted(1, 30_000);
  const { app, errors } = await visit(stage, '/app/settings');
  await openTab(app, 'What Meta is told');
  await app.getByLabel('Use events for measuring alone').check();
  await app.getByRole('button', { name: 'Preview what is sent' }).click();
  const dialog = app.getByRole('dialog');
  await dialog.getByText('Order #1001').waitFor();
  const shown = await dialog.locator('.tb-raw').innerText();
  expect(JSON.parse(shown)).toMatchObject({ data: [{ opt_out: true, custom_data: { value: 90 } }] });
  expect(shown).not.toContain(tap.clid);
  await dialog.getByLabel('Order', { exact: true }).selectOption('point_of_sale');
  await dialog.getByText('An example: at a point of sale').waitFor();
  expect(await settingsOf(stage)).toMatchObject({ attribution_only: false });
  expect(errors).toEqual([]);
});

test('an event is switched on with its rule, and what is wrong is opened, marked and said, on every tab', async () => {
  const stage = await openStage();
  const { page, app, errors } = await visit(stage, '/app/settings');
  const messages = app.getByLabel('Or after this many messages since the ad click');
  const email = app.getByLabel('Send alerts to');
  await email.fill('nobody');
  await openTab(app, 'What Meta is told');
  await app.getByRole('checkbox', { name: /^Qualified lead/ }).check();
  await messages.fill('99');
  // A rule that counts for nothing is still to be corrected.
  await app.getByRole('checkbox', { name: /^Qualified lead/ }).uncheck();
  await openTab(app, 'Attribution');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Not saved: correct what is marked under Connections and What Meta is told').waitFor();
  await app.getByText('Enter an email address, or nothing.').waitFor();
  await app.getByRole('tab', { name: 'What Meta is told, to correct: 1' }).waitFor();
  await expect.poll(() => email.evaluate((field) => field === document.activeElement)).toBe(true);
  await page.keyboard.press('End');
  await page.keyboard.type('x');
  expect(await email.inputValue()).toBe('nobodyx');
  await openTab(app, 'What Meta is told');
  await app.getByText('Enter a whole number of messages from 0 to 50.').waitFor();
  await messages.fill('3');
  await app.getByRole('checkbox', { name: /^Qualified lead/ }).check();
  await openTab(app, 'Connections');
  await email.fill('ana@loja.example');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Settings saved').waitFor();
  expect(await settingsOf(stage)).toMatchObject({
    report_qualified_lead: true,
    qualified_lead_messages: 3,
    alert_email: 'ana@loja.example',
  });
  expect(errors).toEqual([]);
});

test('orders are narrowed by why they are where they are, and the settings fit a phone', async () => {
  const stage = await openStage();
  await connectMerchant(stage);
  const street = openStreet(stage);
  await street.placeOrder({ phone: null, amount: '10.00' });
  await street.placeOrder({ phone: '+55 11 95555-1234', amount: '20.00' });
  await expect
    .poll(async () => stage.operator('orders', '--shop', MERCHANT.shop.domain), { timeout: 30_000 })
    .toMatchObject([{ state: 'not_attributed' }, { state: 'not_attributed' }]);
  const { app } = await visit(stage, '/app/orders?reason=no_phone', PHONE);
  await app.getByRole('link', { name: '#1001' }).waitFor();
  expect(await app.getByRole('link', { name: '#1002' }).count()).toBe(0);
  const settings = await visit(stage, '/app/settings', PHONE);
  for (const tab of ['Connections', 'What Meta is told', 'Attribution'] as const) {
    await openTab(settings.app, tab);
    expect(await overflowOf(settings.app), tab).toBeLessThanOrEqual(0);
    const box = await settings.app.getByRole('tab', { name: tab }).boundingBox();
    expect(box && box.x + box.width, tab).toBeLessThanOrEqual(PHONE.width);
  }
  expect(await overflowOf(app)).toBeLessThanOrEqual(0);
});

function overflowOf(app: FrameLocator): Promise<number> {
  return app.locator('html').evaluate((root) => root.scrollWidth - root.clientWidth);
}
