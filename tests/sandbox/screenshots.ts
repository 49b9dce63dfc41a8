import { fileURLToPath } from 'node:url';
import { openBrowser, openContext, WIDE } from './browser.ts';
import { connectMerchant, MERCHANT, raiseStage } from './stage.ts';
import { openStreet } from './street.ts';

// Takes the pictures of docs/images from the running app: node tests/sandbox/screenshots.ts
const HOUR_MS = 3_600_000;
const ago = (hours: number): Date => new Date(Date.now() - hours * HOUR_MS);

const stage = await raiseStage({ log: 'inherit' });
const browser = await openBrowser();
try {
  await connectMerchant(stage);
  const street = openStreet(stage);
  await street.tapAd({ waId: '553198765432', at: ago(26.2) });
  await street.tapAd({ waId: '5521987650000', at: ago(9), headline: 'Frete gr\u00e1tis hoje' });
  await street.write({ waId: '5541987651111' });
  const maria = await street.placeOrder({ phone: '(31) 99876-5432', amount: '214.90', at: ago(3.4) });
  await street.placeOrder({ phone: '021 98765-0000', amount: '89.00', at: ago(2.1) });
  await street.placeOrder({ phone: '(41) 98765-1111', amount: '159.00', at: ago(1.5) });
  await street.placeOrder({ phone: null, amount: '45.50', at: ago(1.2) });
  await street.placeOrder({ phone: '31998765432', amount: '9.90', test: true, at: ago(0.9) });
  await street.placeOrder({ phone: '+55 11 95555-1234', amount: '120.00', at: ago(0.3) });
  await stage.meta.waitForAccepted(2, 30_000);

  const page = await (await openContext(browser, WIDE)).newPage();
  const id = maria.gid.split('/').at(-1) ?? '';
  for (const [name, path, words] of [
    ['overview', '/app', 'Latest receipts from Meta'],
    ['order', `/app/orders/${id}`, 'What happened'],
  ] as const) {
    await page.goto(stage.shopify.adminUrl(MERCHANT.shop.domain, path));
    await page.frameLocator('iframe').getByText(words).waitFor();
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: fileURLToPath(new URL(`../../docs/images/${name}.png`, import.meta.url)) });
  }
} finally {
  await browser.close();
  await stage.close();
}
