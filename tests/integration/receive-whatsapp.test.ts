import { fingerprint } from '../../app/domain/fingerprint.ts';
import { createHmac, randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { deliveryBody } from '../../app/pipeline/sealed.ts';
import { adReferral, whatsappBatch, whatsappBody, whatsappMessage } from '../builders/whatsapp.ts';
import { cutDatabase, dumpTables } from './database.ts';
import { CLICK_ID, META_SECRET, openTieback, SHOP, VERIFY_TOKEN, type Tieback } from './tieback.ts';

const PATH = '/webhooks/whatsapp';
const LIMIT = 4 * 1024 * 1024;
const OWN_SECRET = 'secret-of-the-merchants-own-meta-app';

const rows = (tieback: Tieback) => tieback.pipeline.db.delivery.findMany({ orderBy: { id: 'asc' } });
const message = (id: string) => whatsappMessage({ id });

function signature(body: string | Buffer, secret = META_SECRET): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

test('a signed message is stored under its id with Meta’s own envelope around it', async () => {
  const tieback = await openTieback();
  const body = message('wamid.ONE');
  expect(await tieback.sendWhatsApp(body)).toMatchObject({ status: 200, text: '' });
  const [row] = await rows(tieback);
  expect(row).toMatchObject({
    source: 'whatsapp',
    account: '',
    key: fingerprint('message:wamid.ONE'),
    topic: 'messages',
    state: 'due',
  });
  const stored = tieback.pipeline.vault.open(row?.body ?? '', deliveryBody('', row?.key ?? ''));
  expect(JSON.parse(stored)).toEqual(body);
});

test('a thousand updates in one delivery are a thousand rows, and none more in another batching', async () => {
  const tieback = await openTieback();
  const messages = Array.from({ length: 1000 }, (_, index) => message(`wamid.${index}`));
  expect((await tieback.sendWhatsApp(whatsappBatch(messages))).status).toBe(200);
  expect(await rows(tieback)).toHaveLength(1000);

  for (const part of [
    messages.slice(0, 1),
    messages.slice(1, 400),
    messages.slice(300),
    messages.toReversed(),
  ]) {
    expect((await tieback.sendWhatsApp(whatsappBatch(part))).status).toBe(200);
  }
  expect(await rows(tieback)).toHaveLength(1000);
  await tieback.sendWhatsApp(whatsappBatch([...messages.slice(0, 3), message('wamid.NEW')]));
  expect((await rows(tieback)).at(-1)?.key).toBe(fingerprint('message:wamid.NEW'));
});

test('an update that comes ten times at once is one row', async () => {
  const tieback = await openTieback();
  const body = whatsappBatch([message('wamid.A'), message('wamid.B')]);
  const batches = [body, whatsappBatch([message('wamid.B'), message('wamid.A')])];
  const answers = await Promise.all([...Array(10).keys()].map((n) => tieback.sendWhatsApp(batches[n % 2])));
  expect(answers.map((answer) => answer.status)).toEqual(Array(10).fill(200));
  const keys = ['wamid.A', 'wamid.B'].map((id) => fingerprint(`message:${id}`));
  expect(new Set((await rows(tieback)).map((row) => row.key))).toEqual(new Set(keys));
  expect(await rows(tieback)).toHaveLength(2);
});

const BODY = JSON.stringify(message('wamid.ONE'));

test.each([
  ['no signature', null],
  ['an empty signature', ''],
  ['a signature of another secret', signature(BODY, 'another secret')],
  ['a signature of other bytes', signature(`${BODY}\n`)],
  ['a signature without its prefix', signature(BODY).slice(7)],
  ['a signature that is too short', signature(BODY).slice(0, -2)],
  ['a signature that is too long', `${signature(BODY)}00`],
  ['a signature in base64', `sha256=${createHmac('sha256', META_SECRET).update(BODY).digest('base64')}`],
  ['a SHA-1 signature', `sha1=${createHmac('sha1', META_SECRET).update(BODY).digest('hex')}`],
])('%s is answered with 401 and stores nothing', async (_, value) => {
  const tieback = await openTieback();
  const headers: Record<string, string> = value === null ? {} : { 'X-Hub-Signature-256': value };
  expect((await tieback.post(PATH, { body: BODY, headers })).status).toBe(401);
  expect(await rows(tieback)).toEqual([]);
  const right = { 'X-Hub-Signature-256': signature(BODY) };
  expect((await tieback.post(PATH, { body: BODY, headers: right })).status).toBe(200);
});

test('both secrets are accepted while the secret is rotated', async () => {
  const tieback = await openTieback({ env: { META_APP_SECRET_PREVIOUS: 'the secret before' } });
  const send = async (secret: string) =>
    (await tieback.sendWhatsApp(message(`wamid.${secret}`), { secret })).status;
  expect([await send(META_SECRET), await send('the secret before'), await send('next')]).toEqual([
    200, 200, 401,
  ]);
});

test('without a secret of the shared Meta app everything is refused, an empty secret’s signature too', async () => {
  const tieback = await openTieback({ env: { META_APP_SECRET: '' } });
  for (const secret of ['', 'undefined', META_SECRET]) {
    expect((await tieback.sendWhatsApp(message('wamid.ONE'), { secret })).status).toBe(401);
  }
  expect(await rows(tieback)).toEqual([]);
});

test('a merchant’s own Meta app signs its own path, and no other secret or path is accepted', async () => {
  const tieback = await openTieback();
  const own = await tieback.connect({ appSecret: OWN_SECRET });
  const send = async (secret: string, path: string) =>
    (await tieback.sendWhatsApp(message('wamid.ONE'), { secret, path })).status;
  expect(own.webhookPath).toBe(`${PATH}/${own.connectionId}`);
  expect(await send(META_SECRET, own.webhookPath)).toBe(401);
  expect(await send(OWN_SECRET, PATH)).toBe(401);
  expect(await rows(tieback)).toEqual([]);
  expect(await send(OWN_SECRET, own.webhookPath)).toBe(200);
  expect(await rows(tieback)).toMatchObject([{ account: own.connectionId }]);
});

test('one merchant’s own secret does not open another merchant’s path', async () => {
  const tieback = await openTieback();
  const one = await tieback.connect({ appSecret: OWN_SECRET });
  const other = await tieback.connect({
    domain: 'outra-loja.myshopify.com',
    phoneNumberId: '106540352242999',
    appSecret: 'another secret',
  });
  const send = async (path: string) =>
    (await tieback.sendWhatsApp(message('wamid.ONE'), { secret: OWN_SECRET, path })).status;
  expect([await send(other.webhookPath), await send(one.webhookPath)]).toEqual([401, 200]);
});

test('a disconnected own path is refused: its secret is gone', async () => {
  const tieback = await openTieback();
  const own = await tieback.connect({ appSecret: OWN_SECRET });
  await tieback.pipeline.db.connection.updateMany({
    data: { state: 'disconnected', appSecret: null },
  });
  const sent = await tieback.sendWhatsApp(message('wamid.ONE'), {
    secret: OWN_SECRET,
    path: own.webhookPath,
  });
  expect(sent.status).toBe(401);
});

test.each([randomUUID(), 'not-a-uuid', '%00', "'; DROP TABLE deliveries; --"])(
  'the unknown connection %j is answered with 401',
  async (id) => {
    const tieback = await openTieback();
    for (const secret of [META_SECRET, '']) {
      const path = `${PATH}/${id.startsWith('%') ? id : encodeURIComponent(id)}`;
      expect((await tieback.sendWhatsApp(message('wamid.ONE'), { secret, path })).status).toBe(401);
    }
    expect(await rows(tieback)).toEqual([]);
  },
);

test.each(['', 'not json', '{"object":'])('the body %j is answered with 400', async (body) => {
  const tieback = await openTieback();
  expect(await tieback.sendWhatsApp(body)).toMatchObject({ status: 400, text: 'the body is not JSON\n' });
  expect(await rows(tieback)).toEqual([]);
});

test.each(['PUT', 'DELETE', 'PATCH'])('%s is answered with 405 and what is allowed', async (method) => {
  const tieback = await openTieback();
  for (const path of [PATH, `${PATH}/${randomUUID()}`]) {
    const answer = await fetch(`${tieback.url}${path}`, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, POST');
  }
});

test('a body of exactly 4 MiB is stored and one byte more is answered with 413', async () => {
  const tieback = await openTieback();
  const empty = JSON.stringify(whatsappMessage({ body: '' })).length;
  const sized = (size: number) => JSON.stringify(whatsappMessage({ body: 'x'.repeat(size - empty) }));
  expect(sized(LIMIT)).toHaveLength(LIMIT);
  expect((await tieback.sendWhatsApp(sized(LIMIT + 1))).status).toBe(413);
  expect(await rows(tieback)).toEqual([]);
  expect((await tieback.sendWhatsApp(sized(LIMIT))).status).toBe(200);
  expect(await rows(tieback)).toHaveLength(1);
});

test('a compressed body is refused', async () => {
  const tieback = await openTieback();
  const body = gzipSync(BODY);
  const headers = { 'content-encoding': 'gzip', 'X-Hub-Signature-256': signature(body) };
  expect((await tieback.post(PATH, { body, headers })).status).toBe(400);
});

test('the signature covers the bytes as Meta wrote them, with escaped Unicode', async () => {
  const tieback = await openTieback();
  const body = JSON.stringify(whatsappMessage({ id: 'wamid.ONE', body: 'ol\u00e1 \u{1f600}' }));
  const escaped = body.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  expect(escaped).toContain('\\u00e1');
  expect((await tieback.sendWhatsApp(escaped)).status).toBe(200);
  const headers = { 'X-Hub-Signature-256': signature(escaped) };
  expect((await tieback.post(PATH, { body, headers })).status).toBe(401);
});

test('an id beyond 2^53 survives to the stored body', async () => {
  const tieback = await openTieback();
  const referral = adReferral({ sourceId: 'the-id' });
  const body = JSON.stringify(whatsappMessage({ id: 'wamid.ONE', referral }));
  await tieback.sendWhatsApp(body.replace('"the-id"', '120226305854810726'));
  const [row] = await rows(tieback);
  const stored = tieback.pipeline.vault.open(row?.body ?? '', deliveryBody('', row?.key ?? ''));
  expect(stored).toContain('"source_id":120226305854810726,');
});

test('at rest nobody’s number, name, words or click id can be read', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd({ from: '551186654321', text: 'quero comprar' });
  const dump = await dumpTables(tieback.databaseUrl);
  expect(dump).toContain(SHOP);
  for (const secret of ['86654321', 'Sheena', 'quero comprar', CLICK_ID, 'EAAtoken'])
    expect(dump).not.toContain(secret);
});

test('without the database Meta is told to try again, on every path', async () => {
  const tieback = await openTieback();
  const own = await tieback.connect({ appSecret: OWN_SECRET });
  const restore = await cutDatabase(tieback.databaseUrl);
  const query = `hub.mode=subscribe&hub.verify_token=${own.verifyToken}&hub.challenge=1`;
  expect((await tieback.sendWhatsApp(message('wamid.ONE'))).status).toBe(503);
  const ownSent = { secret: OWN_SECRET, path: own.webhookPath };
  expect((await tieback.sendWhatsApp(message('wamid.ONE'), ownSent)).status).toBe(503);
  const verification = `${tieback.url}${own.webhookPath}?${query}`;
  expect((await fetch(verification, { signal: AbortSignal.timeout(5000) })).status).toBe(503);
  await restore();
  expect((await fetch(verification)).status).toBe(200);
  expect((await tieback.sendWhatsApp(message('wamid.ONE'))).status).toBe(200);
});

test('Meta’s verification of the shared path is answered with the challenge, anything else with 403', async () => {
  const tieback = await openTieback();
  const ask = async (query: Record<string, string>) => {
    const answer = await fetch(`${tieback.url}${PATH}?${new URLSearchParams(query)}`);
    return [answer.status, await answer.text(), answer.headers.get('content-type')];
  };
  const right = {
    'hub.mode': 'subscribe',
    'hub.verify_token': VERIFY_TOKEN,
    'hub.challenge': '<b>1158201444</b>',
  };
  expect(await ask(right)).toEqual([200, '<b>1158201444</b>', 'text/plain; charset=utf-8']);
  for (const wrong of [
    { 'hub.verify_token': 'other' },
    { 'hub.verify_token': '' },
    { 'hub.mode': 'unsubscribe' },
  ]) {
    expect((await ask({ ...right, ...wrong }))[0]).toBe(403);
  }
  expect((await ask({}))[0]).toBe(403);
});

test('without a verify token no verification succeeds', async () => {
  const tieback = await openTieback({ env: { WHATSAPP_VERIFY_TOKEN: '' } });
  for (const token of ['', 'null', 'undefined']) {
    const query = `hub.mode=subscribe&hub.verify_token=${token}&hub.challenge=1`;
    expect((await fetch(`${tieback.url}${PATH}?${query}`)).status).toBe(403);
  }
});

test('a connection’s own path verifies with its own token only', async () => {
  const tieback = await openTieback();
  const own = await tieback.connect({ appSecret: OWN_SECRET });
  const ask = async (path: string, token: string | null) => {
    const query = new URLSearchParams({
      'hub.mode': 'subscribe',
      'hub.verify_token': token ?? '',
      'hub.challenge': '7',
    });
    return (await fetch(`${tieback.url}${path}?${query}`)).status;
  };
  expect(await ask(own.webhookPath, own.verifyToken)).toBe(200);
  expect(await ask(own.webhookPath, VERIFY_TOKEN)).toBe(403);
  expect(await ask(PATH, own.verifyToken)).toBe(403);
  expect(await ask(`${PATH}/${randomUUID()}`, own.verifyToken)).toBe(403);
});

test('a body of no shape that Meta documents is stored whole', async () => {
  const tieback = await openTieback();
  for (const body of [{ object: 'page', entry: [] }, [], 7, whatsappBody('something_new', { x: 1 })]) {
    expect((await tieback.sendWhatsApp(body)).status).toBe(200);
  }
  expect((await rows(tieback)).map((row) => row.topic)).toEqual([
    'unknown',
    'unknown',
    'unknown',
    'something_new',
  ]);
});
