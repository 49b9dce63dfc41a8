import { fingerprint } from '../../app/domain/fingerprint.ts';
import { expect, test } from 'vitest';
import { deliveryBody, referralField } from '../../app/pipeline/sealed.ts';
import {
  adReferral,
  whatsappAutomaticEvent,
  whatsappBatch,
  whatsappBody,
  whatsappEcho,
  whatsappMessage,
  whatsappStatus,
} from '../builders/whatsapp.ts';
import { dumpTables } from './database.ts';
import { CLICK_ID, MARIA, openTieback, type Connection, type Tieback } from './tieback.ts';

const OTHER_SHOP = 'outra-loja.myshopify.com';
const AT = Date.parse('2026-11-18T13:00:00Z') / 1000;

function contacts(tieback: Tieback) {
  return tieback.pipeline.db.contact.findMany({
    include: { identities: true, referrals: { orderBy: { clickedAt: 'asc' } } },
    orderBy: [{ shopId: 'asc' }, { firstMessageAt: 'asc' }],
  });
}

function deliveries(tieback: Tieback) {
  return tieback.pipeline.db.delivery.findMany({ orderBy: { id: 'asc' } });
}

/** Sends the bodies one by one and captures what came. */
async function receive(tieback: Tieback, ...bodies: unknown[]): Promise<void> {
  for (const body of bodies) expect((await tieback.sendWhatsApp(body)).status).toBe(200);
  await tieback.work();
}

test('an ad click becomes a contact and a click, with the referral verbatim', async () => {
  const tieback = await openTieback();
  const { shopId, connectionId } = await tieback.connect();
  const referral = { ...adReferral({ clickId: CLICK_ID }), future_field: { Deep: ['Zoë', 1.5, null] } };
  await receive(tieback, whatsappMessage({ id: 'wamid.ONE', at: AT, referral }));

  const [contact, ...others] = await contacts(tieback);
  const at = new Date(AT * 1000);
  expect(others).toEqual([]);
  expect(contact).toMatchObject({
    shopId,
    maskedPhone: '+1 ••••• 1234',
    firstMessageAt: at,
    lastMessageAt: at,
    messages: 1,
    identities: [{ kind: 'phone' }],
    referrals: [
      {
        connectionId,
        messageKey: fingerprint('wamid.ONE'),
        clickedAt: at,
        sourceType: 'ad',
        sourceId: '120226305854810726',
        sourceUrl: 'https://fb.me/3cr4Wqqkv',
        headline: 'Chat with us',
        mediaType: 'image',
      },
    ],
  });
  const open = (column: 'click_id' | 'raw', sealed = '') =>
    tieback.pipeline.vault.open(sealed, referralField(shopId, fingerprint('wamid.ONE'), column));
  const [click] = contact?.referrals ?? [];
  expect(open('click_id', click?.clickId ?? '')).toBe(CLICK_ID);
  expect(open('raw', click?.raw)).toBe(JSON.stringify(referral));
  expect(await deliveries(tieback)).toMatchObject([{ state: 'done', body: null, attempts: 1, reason: null }]);
});

test('a message without an ad behind it makes a contact and no click', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await receive(tieback, whatsappMessage({ type: 'image' }));
  expect(await contacts(tieback)).toMatchObject([{ messages: 1, referrals: [] }]);
});

test('a person who hides the number is known by the user id, and keeps the contact when the number shows', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  const userId = 'BR.13491208655302741918';
  const referral = adReferral();
  await receive(tieback, whatsappMessage({ id: 'wamid.HIDDEN', from: null, userId, at: AT, referral }));
  expect(await contacts(tieback)).toMatchObject([{ maskedPhone: null, identities: [{ kind: 'user_id' }] }]);

  await receive(tieback, whatsappMessage({ id: 'wamid.SHOWN', from: MARIA.whatsapp, userId, at: AT + 60 }));
  await receive(tieback, whatsappMessage({ id: 'wamid.OLD', from: MARIA.whatsapp, at: AT + 120 }));
  expect(await contacts(tieback)).toMatchObject([
    {
      maskedPhone: '+55 ••••• 4321',
      messages: 3,
      identities: [{}, {}],
      referrals: [{ messageKey: fingerprint('wamid.HIDDEN') }],
    },
  ]);
});

test('a number with and without a plus is one contact', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  const [plus, bare] = ['+16505551234', '16505551234'].map((from) =>
    whatsappMessage({ id: `wamid.${from}`, from }),
  );
  await receive(tieback, plus, bare);
  expect(await contacts(tieback)).toMatchObject([{ messages: 2, identities: [{}] }]);
});

test('one delivery may carry several numbers and people', async () => {
  const tieback = await openTieback();
  const one = await tieback.connect();
  const two = await tieback.connect({ wabaId: '102290129340399', phoneNumberId: '106540352242999' });
  const to = ({ wabaId, phoneNumberId }: Connection) => ({ wabaId, phoneNumberId });
  const referral = adReferral();
  const body = whatsappBatch([
    whatsappMessage({ ...to(one), id: 'wamid.1', from: '5511900000001', referral }),
    whatsappMessage({ ...to(two), id: 'wamid.2', from: '5511900000002', referral }),
    whatsappMessage({ ...to(two), id: 'wamid.3', from: '5511900000001' }),
  ]);
  await receive(tieback, body);
  const found = await contacts(tieback);
  expect(found.map((contact) => contact.messages).toSorted()).toEqual([1, 2]);
  expect(found.flatMap((contact) => contact.referrals.map((click) => click.connectionId)).toSorted()).toEqual(
    [one.connectionId, two.connectionId].toSorted(),
  );
});

test('two shops that share a number each get a contact and a click of their own', async () => {
  const tieback = await openTieback();
  const one = await tieback.connect();
  const two = await tieback.connect({ domain: OTHER_SHOP });
  await tieback.tapAd();
  await tieback.work();
  const [first, second] = await contacts(tieback);
  expect([first?.shopId, second?.shopId]).toEqual([one.shopId, two.shopId]);
  expect(first?.id).not.toBe(second?.id);
  expect(first?.identities[0]?.hash).not.toEqual(second?.identities[0]?.hash);
  expect([first?.referrals[0]?.connectionId, second?.referrals[0]?.connectionId]).toEqual([
    one.connectionId,
    two.connectionId,
  ]);
});

test('a merchant’s own path reaches no number but its own', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  const secret = 'secret-of-the-merchants-own-meta-app';
  const own = await tieback.connect({
    domain: OTHER_SHOP,
    phoneNumberId: '106540352242999',
    appSecret: secret,
  });
  await tieback.sendWhatsApp(whatsappMessage({ id: 'wamid.FORGED' }), { secret, path: own.webhookPath });
  await tieback.work();
  expect(await contacts(tieback)).toEqual([]);
  expect(await deliveries(tieback)).toMatchObject([{ state: 'flagged' }]);
});

test('statuses, echoes and Meta’s automatic events change nothing and are done', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  const others = [
    whatsappStatus(),
    whatsappEcho(),
    whatsappAutomaticEvent(),
    whatsappBody('account_update', {}),
  ];
  await receive(tieback, whatsappBatch(others));
  expect(await contacts(tieback)).toEqual([]);
  const done = { state: 'done', body: null };
  expect(await deliveries(tieback)).toMatchObject([done, done, done, done]);
});

test('a word of WhatsApp that says nothing of who somebody is now makes no contact and is done', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  const system = { type: 'user_identity_changed', user: MARIA.whatsapp };
  const message = { id: 'wamid.S', from: MARIA.whatsapp, timestamp: String(AT), type: 'system', system };
  await receive(tieback, whatsappBody('messages', { messages: [message] }));
  expect(await contacts(tieback)).toEqual([]);
  expect(await deliveries(tieback)).toMatchObject([{ state: 'done', body: null }]);
});

test('an update of an unknown shape is flagged and kept whole', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  const odd = {
    object: 'whatsapp_business_account',
    entry: [{ id: '1', changes: [{ field: 'messages', value: 7 }] }],
  };
  await receive(tieback, odd);
  const [row] = await deliveries(tieback);
  expect(row).toMatchObject({ state: 'flagged' });
  expect(row?.reason).toBeTruthy();
  const kept = tieback.pipeline.vault.open(row?.body ?? '', deliveryBody('', row?.key ?? ''));
  expect(JSON.parse(kept)).toMatchObject({ entry: [{ changes: [{ value: 7 }] }] });
});

test('a message to a number that nobody connected is flagged and kept', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await receive(tieback, whatsappMessage({ id: 'wamid.1', phoneNumberId: '999999999' }));
  const rows = await deliveries(tieback);
  expect(rows).toMatchObject([{ state: 'flagged', reason: 'no shop has connected this WhatsApp number' }]);
  expect(rows.every((row) => row.body !== null)).toBe(true);
  expect(await contacts(tieback)).toEqual([]);
});

test('the same message counts once, also in another batch after it was worked', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  const one = whatsappMessage({ id: 'wamid.1', referral: adReferral() });
  await receive(tieback, one, one);
  await receive(tieback, whatsappBatch([one, whatsappMessage({ id: 'wamid.2' })]));
  expect(await contacts(tieback)).toMatchObject([
    { messages: 2, referrals: [{ messageKey: fingerprint('wamid.1') }] },
  ]);
});

test('an ad in WhatsApp Status leaves a click without a click id', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd({ clid: null });
  await tieback.work();
  expect(await contacts(tieback)).toMatchObject([{ referrals: [{ clickId: null, sourceType: 'ad' }] }]);
});

test('a later click is a row of its own and changes nothing of the first', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd({ messageId: 'wamid.1', adId: '1', clid: 'First', at: new Date(AT * 1000) });
  await tieback.work();
  const before = await contacts(tieback);
  await tieback.tapAd({ messageId: 'wamid.2', adId: '2', clid: 'second', at: new Date((AT + 60) * 1000) });
  await tieback.work();
  const [contact] = await contacts(tieback);
  expect(contact?.referrals.map((click) => click.sourceId)).toEqual(['1', '2']);
  expect(contact?.referrals[0]).toEqual(before[0]?.referrals[0]);
});

test('first, last and count are right whatever the order of arrival', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  const message = (minute: number) => whatsappMessage({ id: `wamid.${minute}`, at: AT + minute * 60 });
  await receive(tieback, message(5));
  await receive(tieback, whatsappBatch([message(9), message(1), message(7)]));
  await receive(tieback, message(3));
  expect(await contacts(tieback)).toMatchObject([
    { messages: 5, firstMessageAt: new Date((AT + 60) * 1000), lastMessageAt: new Date((AT + 540) * 1000) },
  ]);
});

test('after capture nobody’s number, name, words, user id or click id is in any table', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd({ userId: 'BR.13491208655302741918', text: 'quero comprar' });
  await tieback.work();
  await receive(tieback, whatsappMessage({ id: 'wamid.FLAGGED', phoneNumberId: '1', from: '5521955554444' }));
  const dump = await dumpTables(tieback.databaseUrl);
  expect(dump).toContain(fingerprint('wamid.TAP'));
  expect(dump).not.toContain('wamid.');
  for (const secret of [
    '86654321',
    '55554444',
    'Sheena',
    'quero comprar',
    '13491208655302741918',
    CLICK_ID,
  ]) {
    expect(dump).not.toContain(secret);
  }
});
