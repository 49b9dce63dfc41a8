import { expect, test } from 'vitest';
import { readUpdate, splitDelivery } from '../../app/domain/whatsapp-update.ts';
import {
  adReferral,
  whatsappBatch,
  whatsappBody,
  whatsappEcho,
  whatsappMessage,
  whatsappStatus,
} from '../builders/whatsapp.ts';

function split(body: unknown) {
  const delivery = splitDelivery(JSON.stringify(body));
  return delivery.kind === 'updates' ? delivery.updates : [];
}

function read(body: unknown) {
  return split(body).map((update) => readUpdate(update.text));
}

test('a message from an ad is one update that keeps the envelope, and reads as a message with its click', () => {
  const body = whatsappMessage({ id: 'wamid.A', referral: adReferral({ clickId: 'Aff-n8Z' }) });
  const updates = split(body);
  expect(updates.map(({ key, topic }) => ({ key, topic }))).toEqual([
    { key: 'message:wamid.A', topic: 'messages' },
  ]);
  expect(updates.map((update) => JSON.parse(update.text) as unknown)).toEqual([body]);
  expect(readUpdate(updates[0]?.text ?? '')).toMatchObject({
    kind: 'message',
    phoneNumberId: '106540352242922',
    message: {
      id: 'wamid.A',
      at: new Date('2025-06-18T19:46:32Z'),
      phone: '16505551234',
      userId: null,
      type: 'text',
      referral: {
        clickId: 'Aff-n8Z',
        sourceType: 'ad',
        sourceId: '120226305854810726',
        headline: 'Chat with us',
      },
    },
  });
});

test('no message text leaves the reader', () => {
  const body = whatsappMessage({ body: 'my secret', name: 'Private Person' });
  expect(JSON.stringify(read(body))).not.toMatch(/secret|Private/);
});

test('a person behind a username is known by the user id alone', () => {
  const body = whatsappMessage({ from: null, userId: 'US.13491208655302741918' });
  expect(read(body)).toMatchObject([{ message: { phone: null, userId: 'US.13491208655302741918' } }]);
});

test('a plus before the number is taken off', () => {
  expect(read(whatsappMessage({ from: '+16505551234' }))).toMatchObject([
    { message: { phone: '16505551234' } },
  ]);
});

test('what the message leaves out is taken from the contact of the same person', () => {
  const byUserId = whatsappBody('messages', {
    contacts: [{ user_id: 'US.1', wa_id: '16505551234' }],
    messages: [{ from_user_id: 'US.1', id: 'a', timestamp: 1749416383, type: 'text' }],
  });
  const byPhone = whatsappBody('messages', {
    contacts: [{ user_id: 'US.1', wa_id: '16505551234' }],
    messages: [{ from: '+16505551234', id: 'a', timestamp: '1749416383', type: 'text' }],
  });
  const byNothing = whatsappBody('messages', {
    contacts: [{ user_id: 'US.1', wa_id: '16505551234' }],
    messages: [{ id: 'a', timestamp: '1749416383', type: 'text' }],
  });
  for (const body of [byUserId, byPhone, byNothing]) {
    expect(read(body)).toMatchObject([{ message: { phone: '16505551234', userId: 'US.1' } }]);
  }
});

test('several messages of one value are parted, each with its own contact only', () => {
  const body = whatsappBody('messages', {
    contacts: [{ wa_id: '16505550001' }, { wa_id: '16505550002', user_id: 'US.2' }],
    messages: [
      { id: 'a', from: '16505550001', timestamp: '1750275992', type: 'text' },
      { id: 'b', from: '16505550002', timestamp: '1750275992', type: 'image' },
      { id: 'c', from: '16505550003', timestamp: '1750275992', type: 'audio' },
    ],
  });
  const contacts = split(body).map((update) => {
    const one = JSON.parse(update.text) as ReturnType<typeof whatsappBody>;
    return /"contacts":(\[[^\]]*\])/.exec(JSON.stringify(one))?.[1] ?? null;
  });
  expect(contacts).toEqual(['[{"wa_id":"16505550001"}]', '[{"wa_id":"16505550002","user_id":"US.2"}]', null]);
  expect(read(body)).toMatchObject([{ message: { userId: null } }, { message: { userId: 'US.2' } }, {}]);
});

test('of several messages that name nobody none is tied to the contact beside them', () => {
  const messages = ['a', 'b'].map((id) => ({ id, timestamp: '1750275992', type: 'text' }));
  const body = whatsappBody('messages', { contacts: [{ wa_id: '16505550001' }], messages });
  expect(read(body).map((update) => update.kind)).toEqual(['unknown', 'unknown']);
});

test('of two updates with the same key the first is kept', () => {
  const batch = whatsappBatch([
    whatsappMessage({ id: 'a', at: 1750275992 }),
    whatsappMessage({ id: 'a', at: 1750275999 }),
  ]);
  expect(split(batch).map((update) => update.text.includes('1750275992'))).toEqual([true]);
});

test('a value with messages and statuses gives both', () => {
  const body = whatsappBody('messages', {
    messages: [{ id: 'a', from: '16505550001', timestamp: '1750275992', type: 'text' }],
    statuses: [{ id: 'b', status: 'read', recipient_id: '16505550001' }],
  });
  expect(split(body).map((update) => update.key)).toEqual(['message:a', 'status:b:read']);
  expect(read(body).map((update) => update.kind)).toEqual(['message', 'status']);
});

test('entries and changes are all walked, and the same key counts once', () => {
  const batch = whatsappBatch([
    whatsappMessage({ id: 'a' }),
    whatsappStatus({ id: 's', status: 'sent' }),
    whatsappStatus({ id: 's', status: 'delivered' }),
    whatsappEcho({ id: 'e' }),
    whatsappMessage({ id: 'a' }),
  ]);
  expect(split(batch).map(({ key, topic }) => `${topic} ${key}`)).toEqual([
    'messages message:a',
    'statuses status:s:sent',
    'statuses status:s:delivered',
    'smb_message_echoes echo:e',
  ]);
  expect(read(batch).map((update) => update.kind)).toEqual(['message', 'status', 'status', 'echo']);
});

test('big integers survive in the text of an update', () => {
  const text = JSON.stringify(whatsappMessage()).replace(
    '"timestamp"',
    '"big":820982911946154508,"timestamp"',
  );
  const delivery = splitDelivery(text);
  expect(delivery.kind === 'updates' && delivery.updates[0]?.text).toContain('"big":820982911946154508');
});

test('another field is one update for the whole change, and known fields read as other', () => {
  const body = whatsappBody('smb_app_state_sync', { state_sync: [{ type: 'contact' }, { type: 'contact' }] });
  const [update, ...others] = split(body);
  expect(others).toEqual([]);
  expect(update).toMatchObject({ topic: 'smb_app_state_sync' });
  expect(update?.key).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(read(body)).toEqual([{ kind: 'other', topic: 'smb_app_state_sync' }]);
});

test('a status tells to whom and when a message left, an echo too; one that was read or failed does not', () => {
  const at = new Date(1750275993_000);
  const sent = { at, phone: '16505551234', userId: null };
  for (const status of ['sent', 'delivered']) {
    expect(read(whatsappStatus({ status }))).toMatchObject([{ kind: 'status', sent }]);
  }
  for (const status of ['read', 'failed']) {
    expect(read(whatsappStatus({ status }))).toMatchObject([{ kind: 'status', sent: null }]);
  }
  expect(read(whatsappEcho({ at: 1750275993 }))).toMatchObject([{ kind: 'echo', sent }]);
  const toUser = { id: 'a', status: 'sent', timestamp: '1750275993', recipient_user_id: 'US.1' };
  expect(read(whatsappBody('messages', { statuses: [toUser] }))).toMatchObject([
    { sent: { at, phone: null, userId: 'US.1' } },
  ]);
});

test('a field inside the value counts, as in Meta’s sample of a removed partner', () => {
  const body = {
    object: 'whatsapp_business_account',
    entry: [{ id: '1', changes: [{ value: { field: 'account_update' } }] }],
  };
  expect(split(body)).toMatchObject([{ topic: 'account_update' }]);
  expect(read(body)).toEqual([{ kind: 'other', topic: 'account_update' }]);
});

test('trouble with the whole number is other, not unknown', () => {
  expect(read(whatsappBody('messages', { errors: [{ code: 130429 }] }))).toEqual([
    { kind: 'other', topic: 'errors' },
  ]);
});

test('what stands beside the messages of a value is kept as an update of its own', () => {
  const body = whatsappBody('messages', {
    messages: [{ id: 'a', from: '16505550001', timestamp: '1750275992', type: 'text' }],
    surprises: [{ id: 'b' }],
  });
  expect(split(body).map((update) => update.text.includes('surprises'))).toEqual([false, true]);
  expect(read(body).map((update) => update.kind)).toEqual(['message', 'unknown']);
});

test.each([
  [{}, 1],
  [[], 1],
  ['text', 1],
  [null, 1],
  [{ entry: 'x' }, 1],
  [{ entry: [] }, 1],
  [{ entry: [null, {}, { changes: {} }, { changes: [null, 5] }] }, 5],
  [whatsappBody('messages', { messages: [null, 5, 'x', {}] }), 4],
  [whatsappBody('messages', { messages: { id: 'a' } }), 1],
  [whatsappBody('messages', { messages: [] }), 1],
  [whatsappBody('brand_new_field', {}), 1],
  [{ ...whatsappMessage(), object: 'page' }, 1],
])('odd shape %j is kept and flagged, not lost', (body, count) => {
  const delivery = splitDelivery(JSON.stringify(body));
  const updates = delivery.kind === 'updates' ? delivery.updates : [];
  expect(updates).toHaveLength(count);
  for (const update of updates) expect(readUpdate(update.text).kind).toBe('unknown');
});

test.each([
  [{ timestamp: null }, /timestamp/],
  [{ timestamp: '1750275992000' }, /timestamp/],
  [{ timestamp: '7' }, /timestamp/],
  [{ id: null }, /no id/],
  [{ from: null }, /who sent it/],
  [{ from: 'someone' }, /who sent it/],
])('a message with %j is unknown and says why', (fields, problem) => {
  const message = { id: 'a', from: '16505550001', timestamp: '1750275992', type: 'text', ...fields };
  const [update] = read(whatsappBody('messages', { messages: [message] }));
  expect(update).toMatchObject({ kind: 'unknown', problem: expect.stringMatching(problem) });
});

test('a text that was not split first is flagged rather than read in part', () => {
  const message = { id: 'a', from: '16505550001', timestamp: '1750275992', type: 'text' };
  const texts = [
    whatsappBatch([whatsappMessage({ id: 'a' }), whatsappMessage({ id: 'b' })]),
    whatsappBody('messages', { messages: [message, { ...message, id: 'b' }] }),
  ].map((body) => JSON.stringify(body));
  expect(texts.map((text) => readUpdate(text).kind)).toEqual(['unknown', 'unknown']);
});

test('ids that an index cannot hold are replaced by a hash', () => {
  const keys = ['x'.repeat(5000), 'a\u0007b', 'a b', '']
    .flatMap((id) => split(whatsappMessage({ id })))
    .map((u) => u.key);
  for (const key of keys) expect(key).toMatch(/^sha256:/);
});

test('not JSON is told apart, and nesting beyond the stack is kept whole', () => {
  expect(splitDelivery('<html>')).toEqual({ kind: 'not_json' });
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  const text = JSON.stringify(whatsappMessage({ referral: { source_id: 'DEEP' } })).replace('"DEEP"', deep);
  expect(splitDelivery(text)).toMatchObject({ kind: 'updates', updates: [{ topic: 'unknown', text }] });
  expect(readUpdate(text)).toEqual({ kind: 'unknown', problem: 'The update is nested too deep.' });
});

test('a full batch of a thousand updates is split, each with its own contact', () => {
  const numbers = Array.from({ length: 1000 }, (_, n) => String(16505550000 + n));
  const body = whatsappBody('messages', {
    contacts: numbers.map((number) => ({ wa_id: number, user_id: `US.${number}` })),
    messages: numbers.map((number) => ({ id: number, from: number, timestamp: '1750275992', type: 'text' })),
  });
  const userIds = read(body).map((update) => (update.kind === 'message' ? update.message.userId : null));
  expect(userIds).toEqual(numbers.map((number) => `US.${number}`));
});
