import type { FrameLocator, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { openBrowser, openContext, WIDE } from '../sandbox/browser.ts';
import { MERCHANT, raiseStage, type Stage } from '../sandbox/stage.ts';

/** A page of the framed admin, and what its console complained of. */
export type Visit = { page: Page; app: FrameLocator; errors: string[] };

/** The app with its pretend platforms, until the test ends. */
export async function openStage(): Promise<Stage> {
  const stage = await raiseStage({ log: 'inherit' });
  onTestFinished(() => stage.close());
  return stage;
}

/** Opens a tab of the settings. */
export async function openTab(
  app: FrameLocator,
  name: 'Connections' | 'What Meta is told' | 'Attribution',
): Promise<void> {
  await app.getByRole('tab', { name }).click();
  await app.getByRole('tabpanel', { name }).waitFor();
}

/** Opens a page of the app inside the pretend Shopify admin, in a browser of its own. */
export async function visit(
  stage: Stage,
  path: string,
  viewport = WIDE,
  shop: string = MERCHANT.shop.domain,
): Promise<Visit> {
  const browser = await openBrowser();
  onTestFinished(() => browser.close());
  const page = await (await openContext(browser, viewport)).newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    // Fonts from Shopify's network cannot be had here; the text is read in another font.
    if (
      message.type() === 'error' &&
      !message.text().includes('ERR_NAME_NOT_RESOLVED') &&
      !message.text().includes('422')
    )
      errors.push(message.text());
  });
  await page.goto(stage.shopify.adminUrl(shop, path));
  return { page, app: page.frameLocator('iframe'), errors };
}
