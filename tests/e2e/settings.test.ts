import type { FrameLocator } from 'playwright-core';
import { expect, test } from 'vitest';
import { PHONE } from '../sandbox/browser.ts';
import { MERCHANT } from '../sandbox/stage.ts';
import { openStage, openTab, visit } from './visit.ts';

test('the tabs are walked through by keyboard, and neither lose what is typed nor fill the history', async () => {
  const stage = await openStage();
  const { page, app, errors } = await visit(stage, '/app/settings');
  await app.getByLabel('Phone number ID').fill('106540352242922');
  await app.getByLabel('Send alerts to').fill('ana@loja.example');
  const before = await historyOf(app);

  await app.getByRole('tab', { name: 'Connections' }).focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await app.getByRole('tabpanel', { name: 'Attribution' }).waitFor();
  expect(await app.getByRole('tab', { name: 'Attribution' }).getAttribute('aria-selected')).toBe('true');
  expect(await app.getByLabel('Send alerts to').isVisible()).toBe(false);
  expect(await hashOf(app)).toBe('#attribution');
  await app.getByText('28 days', { exact: true }).click();
  await openTab(app, 'Connections');
  expect(await app.getByLabel('Phone number ID').inputValue()).toBe('106540352242922');
  expect(await historyOf(app)).toBe(before);

  // One draft: what was changed on two tabs is saved at once.
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Settings saved').waitFor();
  await app.getByRole('heading', { name: 'Past orders keep their credit' }).waitFor();
  expect(await stage.operator('settings', '--shop', MERCHANT.shop.domain)).toMatchObject({
    alert_email: 'ana@loja.example',
    window_days: 28,
  });
  expect(errors).toEqual([]);
});

test('a link to another section is gone back from, and unsaved changes stay', async () => {
  const stage = await openStage();
  const { page, app, errors } = await visit(stage, '/app/settings', PHONE);
  await openTab(app, 'What Meta is told');
  await app.getByLabel('In the online store: tell Meta').selectOption('website');
  await app.getByRole('link', { name: 'Connect your pixel' }).click();
  await app.getByLabel('Pixel token').waitFor();
  expect(await hashOf(app)).toBe('#pixel');
  await expect.poll(() => topOf(app, '#pixel')).toBeLessThan(PHONE.height / 2);
  await app.getByRole('tab', { name: 'Connections' }).waitFor();
  expect(await topOf(app, '#pixel')).toBeLessThan(PHONE.height / 2);
  await page.goBack();
  await app.getByRole('tabpanel', { name: 'What Meta is told' }).waitFor();
  expect(await app.getByLabel('In the online store: tell Meta').inputValue()).toBe('website');
  await page.goForward();
  await app.getByLabel('Pixel token').waitFor();
  await page.getByText('Unsaved changes').waitFor();
  expect(errors).toEqual([]);
});

test('a page that is loaded with a section in its address opens there', async () => {
  const stage = await openStage();
  const { page, app, errors } = await visit(stage, '/app/settings');
  await app.getByRole('tabpanel', { name: 'Connections' }).waitFor();
  const frame = page.locator('iframe');
  const source = await frame.getAttribute('data-src');
  await frame.evaluate((element) => element.setAttribute('src', 'about:blank'));
  await frame.evaluate((element, src) => element.setAttribute('src', src), `${source}#privacy`);
  await app.getByRole('tabpanel', { name: 'What Meta is told' }).waitFor();
  await expect.poll(() => topOf(app, '#privacy')).toBeLessThan(200);
  expect(errors).toEqual([]);
});

function hashOf(app: FrameLocator): Promise<string> {
  return app.locator('html').evaluate(() => location.hash);
}

function historyOf(app: FrameLocator): Promise<number> {
  return app.locator('html').evaluate(() => history.length);
}

/** How far below the top of the screen something begins. */
function topOf(app: FrameLocator, selector: string): Promise<number> {
  return app.locator(selector).evaluate((element) => element.getBoundingClientRect().top);
}
