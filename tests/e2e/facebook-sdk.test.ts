import type { FrameLocator, Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { openBrowser, openContext, WIDE } from '../sandbox/browser.ts';
import { listenOnLoopback, sendText } from '../sandbox/loopback-server.ts';
import { startPretendMeta, type PretendMeta } from '../sandbox/pretend-meta.ts';

const BUSINESS = {
  wabaId: '102290129340398',
  phoneNumbers: [{ id: '106540352242922', displayNumber: '+55 11 91234-5678', verifiedName: 'Loja Exemplo' }],
  token: 'EAAtoken',
  businessId: '5550001',
};
const LOGIN = { response_type: 'code', override_default_response_type: true, extras: {} };

type Site = { page: Page; app: FrameLocator; meta: PretendMeta };

/** A page framed by another site, as the app is in the admin, that signs up the way Meta's samples do. */
async function openSite(
  options: { init?: boolean; blockPopups?: boolean; configId?: string } = {},
): Promise<Site> {
  const meta = await startPretendMeta();
  onTestFinished(meta.close);
  meta.addBusiness(BUSINESS);
  meta.addSignup({ code: 'AQcode', wabaId: BUSINESS.wabaId, token: 'EAAsigned-up' });
  const coexistence = 'FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING';
  meta.addSignup({ code: 'AQapp', wabaId: BUSINESS.wabaId, token: 'EAAapp', event: coexistence });
  const { init = true, blockPopups = false, configId = meta.app.signupConfigId } = options;
  const settings = JSON.stringify({ appId: meta.app.id, version: 'v26.0', cookie: false, xfbml: false });
  const login = JSON.stringify({ ...LOGIN, config_id: configId });
  const app = await listenOnLoopback((_, response) =>
    sendText(
      response,
      200,
      `<!doctype html><button id="sign-up">Continue with Facebook</button><pre id="log"></pre><script>
      const log = (kind, value) => { document.querySelector('#log').textContent += kind + ' ' + value + '\\n'; };
      addEventListener('message', ({ origin, data }) => typeof data === 'string' && log(origin, data));
      if (${blockPopups}) window.open = () => null;
      window.fbAsyncInit = () => { if (${init}) FB.init(${settings}); };
      document.querySelector('#sign-up').onclick = () =>
        FB.login((answer) => log('answer', JSON.stringify(answer)), ${login});
    </script><script async defer crossorigin="anonymous" src="${meta.url}/en_US/sdk.js"></script>`,
    ),
  );
  onTestFinished(app.close);
  const host = await listenOnLoopback((_, response) =>
    sendText(response, 200, `<!doctype html><iframe src="${app.url}" width="600" height="600"></iframe>`),
  );
  onTestFinished(host.close);
  const browser = await openBrowser();
  onTestFinished(() => browser.close());
  const page = await (await openContext(browser, WIDE)).newPage();
  await page.goto(host.url);
  const frame = page.frameLocator('iframe');
  const loaded = () => frame.locator('html').evaluate(() => 'FB' in window);
  await expect.poll(loaded).toBe(true);
  return { page, app: frame, meta };
}

async function openDialog({ page, app }: Site): Promise<Page> {
  const opened = page.waitForEvent('popup');
  await app.getByRole('button', { name: 'Continue with Facebook' }).click();
  return opened;
}

const said = async ({ app }: Site): Promise<[string, unknown][]> => {
  const lines = (await app.locator('#log').innerText()).split('\n').filter(Boolean);
  return lines.map((line) => {
    const space = line.indexOf(' ');
    return [line.slice(0, space), JSON.parse(line.slice(space + 1))];
  });
};

test('a business goes through the dialog, and the page gets first what was chosen and then a code', async () => {
  const site = await openSite();
  const dialog = await openDialog(site);
  await dialog.getByRole('button', { name: 'Continue as Loja Exemplo' }).first().click();
  await expect.poll(() => said(site)).toHaveLength(2);
  const chosen = { phone_number_id: '106540352242922', waba_id: BUSINESS.wabaId, business_id: '5550001' };
  expect(await said(site)).toEqual([
    [site.meta.url, { type: 'WA_EMBEDDED_SIGNUP', event: 'FINISH', data: chosen, version: 3 }],
    ['answer', { authResponse: { code: 'AQcode', userID: null, expiresIn: null }, status: 'connected' }],
  ]);
  await expect.poll(() => dialog.isClosed()).toBe(true);
});

test('a business that keeps the WhatsApp Business app is told of without a number', async () => {
  const site = await openSite();
  const dialog = await openDialog(site);
  await dialog.getByRole('button', { name: 'Continue as Loja Exemplo' }).nth(1).click();
  await expect.poll(() => said(site)).toHaveLength(2);
  const [first] = await said(site);
  expect(first?.[1]).toMatchObject({
    event: 'FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING',
    data: { waba_id: BUSINESS.wabaId, business_id: '5550001' },
  });
  expect(JSON.stringify(first)).not.toContain('phone_number_id');
});

test('who cancels, or closes the window, gives no code', async () => {
  const site = await openSite();
  const nobody = ['answer', { authResponse: null, status: 'unknown' }];
  await (await openDialog(site)).getByRole('button', { name: 'Cancel' }).click();
  await expect.poll(() => said(site)).toHaveLength(2);
  expect(await said(site)).toMatchObject([[site.meta.url, { event: 'CANCEL' }], nobody]);
  await (await openDialog(site)).close();
  await expect.poll(() => said(site)).toHaveLength(3);
  expect((await said(site)).at(-1)).toEqual(nobody);
});

test('where no window may open, the dialog opens in the page', async () => {
  const site = await openSite({ blockPopups: true });
  await site.app.getByRole('button', { name: 'Continue with Facebook' }).click();
  const dialog = site.app.getByRole('dialog').frameLocator('iframe');
  await dialog.getByRole('button', { name: 'Continue as Loja Exemplo' }).first().click();
  await expect.poll(() => said(site)).toHaveLength(2);
  expect((await said(site)).at(-1)).toMatchObject(['answer', { authResponse: { code: 'AQcode' } }]);
  expect(await site.app.getByRole('dialog').count()).toBe(0);
});

test('nothing opens before init, and a configuration that is none is named', async () => {
  const site = await openSite({ init: false });
  const complaint = site.page.waitForEvent('console', (message) => message.type() === 'error');
  await site.app.getByRole('button', { name: 'Continue with Facebook' }).click();
  expect((await complaint).text()).toBe('FB.login() called before FB.init().');
  expect(await said(site)).toEqual([]);
  const other = await openSite({ configId: '1' });
  const alert = (await openDialog(other)).getByRole('alert');
  expect(await alert.innerText()).toContain('no such configuration');
});
