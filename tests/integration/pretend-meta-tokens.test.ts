import { expect, test } from 'vitest';
import { BUSINESS, call, codes, NOW, PHONE, PIXEL, purchase, send, startMeta } from './pretend-meta-world.ts';
import type { Answer } from './pretend-meta-world.ts';
import type { PretendMeta } from '../sandbox/pretend-meta.ts';

const DAY_MS = 86_400_000;
const CODE = 'AQcode-of-the-tests';

function debug(meta: PretendMeta, input: string, by: string): Promise<Answer> {
  return call(meta, `/v26.0/debug_token?input_token=${encodeURIComponent(input)}`, { token: by });
}

function appToken({ id, secret }: { id: string; secret: string }): string {
  return `${id}|${secret}`;
}

function exchange(meta: PretendMeta, change: Record<string, string> = {}): Promise<Answer> {
  const { id, secret } = meta.app;
  const query = new URLSearchParams({ client_id: id, client_secret: secret, code: CODE, ...change });
  return call(meta, `/v26.0/oauth/access_token?${query}`, { token: null });
}

test('tells an app, and the token itself, all about a token', async () => {
  const expiresAt = new Date(NOW.getTime() + 60 * DAY_MS);
  const meta = await startMeta({ expiresAt, presenceId: '9999' });
  for (const by of [appToken(meta.app), BUSINESS.token]) {
    const { status, body } = await debug(meta, BUSINESS.token, by);
    expect([status, body['data']]).toMatchObject([
      200,
      {
        app_id: meta.app.id,
        application: 'Tieback',
        type: 'SYSTEM_USER',
        is_valid: true,
        expires_at: expiresAt.getTime() / 1000,
        data_access_expires_at: 0,
        scopes: expect.arrayContaining(['whatsapp_business_management', 'whatsapp_business_manage_events']),
      },
    ]);
  }
});

test('names the account for the permission to manage it, and another id for that to send events', async () => {
  const meta = await startMeta({ presenceId: '9999' });
  const { body } = await debug(meta, BUSINESS.token, appToken(meta.app));
  expect(body['data']).toMatchObject({
    granular_scopes: [
      { scope: 'whatsapp_business_management', target_ids: [BUSINESS.wabaId] },
      { scope: 'whatsapp_business_messaging', target_ids: [BUSINESS.wabaId] },
      { scope: 'whatsapp_business_manage_events', target_ids: ['9999'] },
    ],
  });
  expect(codes(await call(meta, '/v26.0/9999/phone_numbers'))).toEqual([400, 100, 33]);
});

test('tells of a token that is over or was never given that it is not valid', async () => {
  const clock = { now: NOW };
  const meta = await startMeta({ expiresAt: new Date(NOW.getTime() + DAY_MS) }, () => clock.now);
  const by = appToken(meta.app);
  clock.now = new Date(NOW.getTime() + 2 * DAY_MS);
  const expired = { app_id: meta.app.id, is_valid: false, error: { code: 190, subcode: 463 } };
  expect((await debug(meta, BUSINESS.token, by)).body['data']).toMatchObject(expired);
  expect(codes(await call(meta, '/v26.0/me'))).toEqual([401, 190, 463]);
  const unknown = (await debug(meta, 'EAAnobody', by)).body['data'];
  expect(unknown).toEqual({ error: { code: 190, message: expect.any(String) }, is_valid: false, scopes: [] });
});

test('refuses to tell of a token to another app, to another token and to a wrong secret', async () => {
  const meta = await startMeta();
  meta.addApp({ id: '42', secret: 'own' });
  const by = async (token: string) => {
    const answer = await debug(meta, BUSINESS.token, token);
    return [...codes(answer), answer.body.error?.['message']];
  };
  expect(await by('42|own')).toEqual([400, 100, undefined, expect.stringContaining('did not match')]);
  expect(await by(PIXEL.token)).toEqual([400, 100, undefined, expect.stringContaining('app access token')]);
  expect(await by('42|wrong')).toEqual([401, 190, undefined, expect.stringContaining('signature')]);
  expect(await by('43|own')).toEqual([
    400,
    101,
    undefined,
    expect.stringContaining('validating application'),
  ]);
  const path = '/v26.0/debug_token';
  expect(codes(await call(meta, path, { token: appToken(meta.app) }))).toEqual([400, 100, undefined]);
});

test('says who a token is, and what its app is', async () => {
  const meta = await startMeta();
  const { body } = await call(meta, '/v26.0/me?fields=id,name');
  expect(body).toEqual({ id: expect.stringMatching(/^\d+$/), name: expect.any(String) });
  expect((await call(meta, '/v26.0/app')).body).toMatchObject({ id: meta.app.id, name: 'Tieback' });
  const app = { token: appToken(meta.app) };
  expect((await call(meta, `/v26.0/${meta.app.id}`, app)).status).toBe(200);
  expect(codes(await call(meta, '/v26.0/me', app))).toEqual([400, 2500, undefined]);
  expect(codes(await call(meta, `/v26.0/${BUSINESS.wabaId}`, app))).toEqual([400, 100, 33]);
});

test('lets a token do what its permissions say', async () => {
  const meta = await startMeta({ scopes: ['whatsapp_business_management'] });
  expect((await call(meta, `/v26.0/${BUSINESS.wabaId}`)).status).toBe(200);
  expect(codes(await send(meta, purchase()))).toEqual([400, 100, 33]);
  const other = await startMeta({ scopes: ['whatsapp_business_manage_events'] });
  expect(codes(await call(other, `/v26.0/${BUSINESS.wabaId}`))).toEqual([403, 200, undefined]);
  expect((await send(other, purchase())).status).toBe(200);
});

test('exchanges a code for the business’s token, once', async () => {
  const meta = await startMeta();
  meta.addSignup({ code: CODE, wabaId: BUSINESS.wabaId, token: 'EAAsigned-up' });
  expect(codes(await call(meta, '/v26.0/me', { token: 'EAAsigned-up' }))).toEqual([401, 190, undefined]);
  const { status, body } = await exchange(meta);
  expect([status, body]).toEqual([200, { access_token: 'EAAsigned-up', token_type: 'bearer' }]);
  const numbers = await call(meta, `/v26.0/${BUSINESS.wabaId}/phone_numbers`, { token: 'EAAsigned-up' });
  expect(numbers.body).toMatchObject({ data: [{ id: PHONE.id }] });
  expect(codes(await exchange(meta))).toEqual([400, 100, 36009]);
  expect(meta.requests().map(({ path }) => path)).toContain('/v26.0/oauth/access_token');
  expect(JSON.stringify(meta.requests())).not.toMatch(/AQcode|EAAsigned|0f1e2d/);
});

test('refuses a code of nobody’s, of another app and with wrong app facts', async () => {
  const meta = await startMeta();
  meta.addApp({ id: '42', secret: 'own' });
  meta.addSignup({ code: CODE, wabaId: BUSINESS.wabaId, token: 'EAAsigned-up' });
  expect(codes(await exchange(meta, { code: 'AQnobody' }))).toEqual([400, 100, undefined]);
  expect(codes(await exchange(meta, { client_secret: 'wrong' }))).toEqual([400, 1, undefined]);
  expect(codes(await exchange(meta, { client_id: '43' }))).toEqual([400, 101, undefined]);
  expect(codes(await exchange(meta, { client_id: '42', client_secret: 'own' }))).toEqual([
    400,
    100,
    undefined,
  ]);
  expect(codes(await call(meta, '/v26.0/oauth/access_token', { token: null }))).toEqual([
    400,
    101,
    undefined,
  ]);
  const query = new URLSearchParams({ client_id: meta.app.id, client_secret: meta.app.secret, code: CODE });
  expect((await call(meta, `/oauth/access_token?${query}`, { token: null })).status).toBe(200);
});

test('gives a new code each time somebody goes through the dialog, good for half a minute', async () => {
  const clock = { now: NOW };
  const meta = await startMeta({ businessId: '5550001' }, () => clock.now);
  const expiresAt = new Date(NOW.getTime() + 60 * DAY_MS);
  meta.addSignup({ code: CODE, wabaId: BUSINESS.wabaId, token: 'EAAsigned-up', expiresAt });
  const finish = async () => {
    const answer = await call(meta, '/dialog/signup', { method: 'POST', body: { offer: '0' } });
    return answer.body as { code: string; message: unknown };
  };
  const [first, second] = [await finish(), await finish()];
  expect([first.code === CODE, second.code === CODE]).toEqual([true, false]);
  expect(first.message).toEqual({
    type: 'WA_EMBEDDED_SIGNUP',
    event: 'FINISH',
    data: { phone_number_id: PHONE.id, waba_id: BUSINESS.wabaId, business_id: '5550001' },
    version: 3,
  });
  expect((await exchange(meta, { code: second.code })).body).toMatchObject({ expires_in: 60 * 86_400 });
  clock.now = new Date(NOW.getTime() + 31_000);
  expect(codes(await exchange(meta))).toEqual([400, 100, 36007]);
});
