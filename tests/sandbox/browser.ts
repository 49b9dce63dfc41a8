import chromium from '@sparticuz/chromium';
import { chromium as playwright, type Browser, type BrowserContext } from 'playwright-core';

export const WIDE = { width: 1280, height: 1000 };
export const PHONE = { width: 390, height: 844 };

/** The Chromium that comes from npm, so that nothing has to be installed on the machine. */
export async function openBrowser(): Promise<Browser> {
  return playwright.launch({
    executablePath: await chromium.executablePath(),
    // Not the package's own flags: they switch web security off, and pages would pass here that a browser refuses.
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
    headless: true,
  });
}

/** A merchant's browser. Shopify's library takes a browser that calls itself headless for a bot and answers 410. */
export async function openContext(browser: Browser, viewport = WIDE): Promise<BrowserContext> {
  const probe = await browser.newPage();
  const userAgent = (await probe.evaluate(() => navigator.userAgent)).replace('HeadlessChrome', 'Chrome');
  await probe.close();
  return browser.newContext({ viewport, userAgent });
}
