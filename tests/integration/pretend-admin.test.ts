import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { idTokenProblem } from '../sandbox/id-token.ts';
import { listenOnLoopback, readBody, sendText } from '../sandbox/loopback-server.ts';
import { startPlayground } from '../sandbox/playground.ts';
import { startPretendShopify } from '../sandbox/pretend-shopify.ts';
import { startTunnel } from '../sandbox/tunnel.ts';
import type { LoopbackServer } from '../sandbox/loopback-server.ts';
import type { PlaygroundDeps } from '../sandbox/playground.ts';
import type { PretendShopify } from '../sandbox/pretend-shopify.ts';

const SHOP = 'loja-exemplo.myshopify.com';
const KEYS = { apiKey: 'key', apiSecret: 'secret' };
const NOW = new Date('2026-11-20T10:00:00Z');

async function startAdmin(name = 'Loja Exemplo'): Promise<PretendShopify> {
  const shopify = await startPretendShopify({ ...KEYS, now: () => NOW });
  onTestFinished(shopify.close);
  shopify.addShop({ domain: SHOP, name, currency: 'BRL', country: 'BR', timezone: 'America/Sao_Paulo' });
  return shopify;
}

async function startApp(handle: Parameters<typeof listenOnLoopback>[0]): Promise<LoopbackServer> {
  const app = await listenOnLoopback(handle);
  onTestFinished(app.close);
  return app;
}

async function startGame(change: Partial<PlaygroundDeps> = {}): Promise<{ url: string; calls: unknown[] }> {
  const calls: unknown[] = [];
  const playground = await startPlayground({
    tapAd: async (input) => (calls.push(input), { clid: 'ARclick', messageId: 'wamid.1', status: 200 }),
    placeOrder: async (input) => (
      calls.push(input),
      { name: '#1001', gid: 'gid://shopify/Order/1', status: 200 }
    ),
    adminUrl: 'http://admin.example/',
    shopName: 'Loja <Exemplo>',
    currency: 'BRL',
    accepted: () => 2,
    ...change,
  });
  onTestFinished(playground.close);
  return { url: playground.url, calls };
}

async function submit(
  url: string,
  fields: Record<string, string>,
): Promise<{ status: number; text: string }> {
  const response = await fetch(url, {
    method: 'POST',
    body: new URLSearchParams(fields),
    redirect: 'manual',
  });
  return { status: response.status, text: await response.text() };
}

test('frames the page of the app that its address names, with Shopify’s launch parameters and an id token', async () => {
  const shopify = await startAdmin();
  shopify.setAppUrl('https://app.example/');
  const page = await (await fetch(shopify.adminUrl(SHOP, '/app/orders?state=refused'))).text();
  const source = /data-src="([^"]+)"/.exec(page)?.[1]?.replaceAll('&#38;', '&') ?? '';
  const { origin, pathname, searchParams } = new URL(source);
  expect([origin, pathname, searchParams.get('state')]).toEqual([
    'https://app.example',
    '/app/orders',
    'refused',
  ]);
  const host = Buffer.from(searchParams.get('host') ?? '', 'base64').toString();
  expect([searchParams.get('shop'), searchParams.get('embedded'), host]).toEqual([
    SHOP,
    '1',
    'admin.shopify.com/store/loja-exemplo',
  ]);
  expect(idTokenProblem(searchParams.get('id_token'), { domain: SHOP, ...KEYS, now: NOW })).toBeNull();
});

test('mints id tokens for a minute and serves App Bridge', async () => {
  const shopify = await startAdmin();
  const { id_token: token } = (await (await fetch(`${shopify.url}/store/loja-exemplo/id_token`)).json()) as {
    id_token: string;
  };
  const party = { domain: SHOP, ...KEYS, now: NOW };
  expect(idTokenProblem(token, party)).toBeNull();
  expect(idTokenProblem(token, { ...party, now: new Date(NOW.getTime() + 60_000) })).toBe('expired');
  const script = await fetch(`${shopify.url}/app-bridge.js`);
  expect([script.headers.get('content-type'), (await script.text()).includes('ui-save-bar')]).toEqual([
    'text/javascript; charset=utf-8',
    true,
  ]);
});

test('writes a shop’s name as text, and answers 404 for shops it does not have', async () => {
  const shopify = await startAdmin('<b>Loja</b>');
  shopify.setAppUrl('https://app.example');
  expect(await (await fetch(shopify.adminUrl(SHOP))).text()).not.toContain('<b>');
  expect((await fetch(`${shopify.url}/store/other/apps/tieback/app`)).status).toBe(404);
});

test('sends fetches to shop domains to the pretend Shopify, and no others', async () => {
  const echo = await startApp(async (request, response) => {
    const read = await readBody(request, 1000);
    const body = read.kind === 'body' ? read.bytes.toString('utf8') : '';
    sendText(response, 200, [request.method, request.url, request.headers['x-pretend-shop'], body].join(' '));
  });
  const script = `const send = async (...args) => console.log(await (await fetch(...args)).text());
    await send('https://a.myshopify.com/admin/x?y=1', { method: 'POST', body: 'one' });
    await send(new Request('https://b.myshopify.com/z', { method: 'POST', body: 'two' }));
    await send('${echo.url}/direct');`;
  const preload = new URL('../sandbox/shopify-fetch.mjs', import.meta.url).href;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', preload, '--input-type=module', '--eval', script],
    { env: { ...process.env, PRETEND_SHOPIFY_URL: echo.url } },
  );
  expect(stdout.trim().split('\n')).toEqual(
    ['POST /admin/x?y=1 a.myshopify.com one', 'POST /z b.myshopify.com two', 'GET /direct  '].map((line) =>
      line.trimEnd(),
    ),
  );
});

test('tunnels bytes unchanged and lets one more origin frame the app', async () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);
  const app = await startApp(async (request, response) => {
    const read = await readBody(request, 100_000);
    response.writeHead(201, {
      'Content-Security-Policy': 'frame-ancestors https://admin.shopify.com; base-uri none',
      'x-host': String(request.headers['x-forwarded-host']),
    });
    response.end(read.kind === 'body' ? read.bytes : '');
  });
  const tunnel = await startTunnel({ target: () => app.url, allowFraming: 'http://127.0.0.1:9' });
  onTestFinished(tunnel.close);
  const answer = await fetch(`${tunnel.url}/webhooks`, { method: 'POST', body: bytes });
  expect([
    answer.status,
    answer.headers.get('content-security-policy'),
    answer.headers.get('x-host'),
  ]).toEqual([
    201,
    'frame-ancestors https://admin.shopify.com http://127.0.0.1:9; base-uri none',
    new URL(tunnel.url).host,
  ]);
  expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
});

test('answers 502 through the tunnel while the app is down', async () => {
  const app = await listenOnLoopback((_, response) => sendText(response, 200, 'up'));
  const tunnel = await startTunnel({ target: () => app.url, allowFraming: 'http://127.0.0.1:9' });
  onTestFinished(tunnel.close);
  expect(await (await fetch(tunnel.url)).text()).toBe('up');
  await app.close();
  expect((await fetch(tunnel.url)).status).toBe(502);
});

test('plays the customer: a tap in digits, an order as typed, both in the log', async () => {
  const { url, calls } = await startGame();
  const tap = { phone: '+55 11 98765-4321', adId: '120226305854810726', hidePhone: 'on' };
  expect((await submit(`${url}/tap`, tap)).status).toBe(303);
  expect(
    (await submit(`${url}/order`, { phone: '(11) 98765-4321', amount: '129,9', paid: 'yes' })).status,
  ).toBe(303);
  expect(calls).toEqual([
    { phone: '5511987654321', adId: '120226305854810726', hidePhone: true },
    { phone: '(11) 98765-4321', amount: '129.90', paid: true },
  ]);
  const log = await (await fetch(`${url}/log`)).text();
  expect(
    ['ARclick', 'Order #1001 placed and paid', '<strong>2</strong>'].filter((text) => !log.includes(text)),
  ).toEqual([]);
  expect(await (await fetch(url)).text()).toContain('Loja &#60;Exemplo&#62;');
});

test('says plainly what is wrong with a form, and when the app cannot be reached', async () => {
  const { url, calls } = await startGame({
    placeOrder: () => Promise.reject(new Error('connection refused')),
  });
  const wrong = await submit(`${url}/order`, { phone: '', amount: '1e9', paid: 'yes' });
  expect([wrong.status, wrong.text.includes('Type an amount such as 129.90.')]).toEqual([422, true]);
  expect((await submit(`${url}/tap`, { phone: '12', adId: '120226305854810726' })).status).toBe(422);
  expect(calls).toEqual([]);
  await submit(`${url}/order`, { phone: '', amount: '10', paid: 'no' });
  expect(await (await fetch(`${url}/log`)).text()).toContain('connection refused');
});
