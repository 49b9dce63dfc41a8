import { expect, test } from 'vitest';
import { readUpdate, splitDelivery } from '../../app/domain/whatsapp-update.ts';
import { whatsappBody, whatsappMessage } from '../builders/whatsapp.ts';
import { contactCards, numberChanged, userIdChanged, userIdUpdate } from '../sandbox/pretend-whatsapp.ts';

function read(body: unknown) {
  const delivery = splitDelivery(JSON.stringify(body));
  return delivery.kind === 'updates' ? delivery.updates.map((update) => readUpdate(update.text)) : [];
}

const PERSON = {
  wabaId: '102290129340398',
  phoneNumberId: '106540352242922',
  displayNumber: '15550783881',
  messageId: 'wamid.N',
  at: new Date('2026-11-18T13:00:00Z'),
};
const phone = (value: string, by: string) => ({ kind: 'phone', value, by });
const userId = (value: string) => ({ kind: 'user_id', value, by: 'changed' });

test('a message that shows nothing more of its sender has nothing learned', () => {
  expect(read(whatsappMessage())).toMatchObject([{ message: { learned: [] } }]);
});

test.each([
  ['contact_request', 'contact_request'],
  ['other', 'shared_contact'],
] as const)('the number of a contact card of origin %s is learned by %s', (origin, by) => {
  const sender = { ...PERSON, from: null, userId: 'US.1', origin };
  expect(read(contactCards({ ...sender, numbers: ['16505559999'] }))).toMatchObject([
    { message: { userId: 'US.1', phone: null, type: 'contacts', learned: [phone('16505559999', by)] } },
  ]);
  expect(read(contactCards({ ...sender, numbers: ['16505559999', '16505558888'] }))).toMatchObject([
    { message: { learned: [] } },
  ]);
});

test('an answer is told apart beside the message as well, and needs no WhatsApp id', () => {
  const message = {
    id: 'a',
    from_user_id: 'US.1',
    timestamp: '1750275992',
    type: 'contacts',
    origin: 'contact_request',
    contacts: [{ phones: [{ phone: '+1 (650) 555-9999' }] }],
  };
  const answer = [phone('16505559999', 'contact_request')];
  expect(read(whatsappBody('messages', { messages: [message] }))).toMatchObject([
    { message: { learned: answer } },
  ]);
  // Of anybody's card only what WhatsApp knows counts.
  const card = { ...message, origin: 'other' };
  expect(read(whatsappBody('messages', { messages: [card] }))).toMatchObject([{ message: { learned: [] } }]);
});

test('a change of number is WhatsApp’s word about the old number, and teaches the new one', () => {
  expect(read(numberChanged({ ...PERSON, from: '16505550001', to: '16505559999' }))).toMatchObject([
    {
      kind: 'message',
      message: { type: 'system', phone: '16505550001', learned: [phone('16505559999', 'changed')] },
    },
  ]);
  const ids = { userId: 'US.1', newUserId: 'US.2' };
  expect(read(numberChanged({ ...PERSON, ...ids, from: '16505550001', to: '16505559999' }))).toMatchObject([
    { message: { userId: 'US.1', learned: [userId('US.2'), phone('16505559999', 'changed')] } },
  ]);
});

test('the change of number of old API versions has the new number beside the old', () => {
  const system = {
    type: 'customer_changed_number',
    wa_id: '16505550001',
    customer: '16505550001',
    new_wa_id: 16505559999,
  };
  const message = { id: 'a', from: '16505550001', timestamp: '1750275992', type: 'system', system };
  expect(read(whatsappBody('messages', { messages: [message] }))).toMatchObject([
    { message: { phone: '16505550001', learned: [phone('16505559999', 'changed')] } },
  ]);
});

test.each([
  ['in a field of its own', { previous_user_id: 'US.1', user_id: 'US.2' }, {}],
  ['as the sender', { user_id: 'US.2' }, { from_user_id: 'US.1' }],
  ['in the words alone', { body: 'User US.7 changed from US.8 to US.9 changed from US.1 to US.2' }, {}],
])('a changed user id has the former one %s', (_, fields, sender) => {
  const system = { type: 'user_changed_user_id', ...fields };
  const message = { id: 'a', timestamp: '1750275992', type: 'system', system, ...sender };
  expect(read(whatsappBody('messages', { messages: [message] }))).toMatchObject([
    { kind: 'message', message: { userId: 'US.1', phone: null, learned: [userId('US.2')] } },
  ]);
  const whole = userIdChanged({ ...PERSON, userId: 'US.1', newUserId: 'US.2' });
  expect(read(whole)).toMatchObject([{ message: { userId: 'US.1', learned: [userId('US.2')] } }]);
});

test('another word of the system teaches nothing', () => {
  const system = { type: 'user_identity_changed', user: '16505550001' };
  const message = { id: 'a', from: '16505550001', timestamp: '1750275992', type: 'system', system };
  expect(read(whatsappBody('messages', { messages: [message] }))).toMatchObject([
    { message: { type: 'system', learned: [] } },
  ]);
});

test('updates of user ids are parted, each a notice with its number and account', () => {
  const update = (previous: string, current: string) => ({
    user_id: { previous, current },
    timestamp: 1750275992,
  });
  const both = whatsappBody('user_id_update', {
    user_id_update: [update('US.1', 'US.2'), { ...update('US.3', 'US.4'), wa_id: '16505559999' }],
  });
  const frame = { kind: 'identity', phoneNumberId: '106540352242922', wabaId: '102290129340398' };
  const at = new Date('2025-06-18T19:46:32Z');
  expect(read(both)).toEqual([
    { ...frame, at, notice: { phone: null, userId: 'US.1', learned: [userId('US.2')] } },
    {
      ...frame,
      at,
      notice: { phone: null, userId: 'US.3', learned: [userId('US.4'), phone('16505559999', 'changed')] },
    },
  ]);
  expect(read(userIdUpdate({ ...PERSON, userId: 'US.1', newUserId: 'US.2' }))).toMatchObject([
    { kind: 'identity' },
  ]);
});

test('an update of a user id may lie in the value itself, without number and time', () => {
  const value = { user_id: { previous: 'US.1', current: 'US.2' } };
  const body = {
    object: 'whatsapp_business_account',
    entry: [{ id: '1', changes: [{ field: 'user_id_update', value }] }],
  };
  expect(read(body)).toEqual([
    {
      kind: 'identity',
      phoneNumberId: null,
      wabaId: '1',
      at: null,
      notice: { phone: null, userId: 'US.1', learned: [userId('US.2')] },
    },
  ]);
});

test('an update of a user id that does not say from which to which is flagged', () => {
  expect(read(whatsappBody('user_id_update', { user_id_update: [{ user_id: 'US.2' }] }))).toMatchObject([
    { kind: 'unknown' },
  ]);
});
