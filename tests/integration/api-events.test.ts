import { expect, test } from 'vitest';
import { EVENT_NAMES, type EventName } from '../../app/domain/event-name.ts';
import { textMessage } from '../sandbox/pretend-whatsapp.ts';
import { openApi, saleOf, type Api, type ApiAnswer } from './api.ts';
import { CLICK_ID, MARIA, START } from './tieback.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const at = (ms: number): string => new Date(START.getTime() + ms).toISOString();
const idOf = ({ body }: ApiAnswer): string => String(body['id']);
const codeOf = ({ body }: ApiAnswer): unknown => (body['error'] as { code: unknown }).code;
const requests = ({ tieback }: Api) => tieback.pipeline.db.apiRequest.count();
const lead = (eventName: EventName) => ({ event_name: eventName, value: undefined });

/** Somebody who writes without having tapped an ad. */
async function write({ tieback }: Api, from: string): Promise<void> {
  const number = {
    wabaId: '102290129340398',
    phoneNumberId: '106540352242922',
    displayNumber: '+55 11 91234-5678',
  };
  const message = {
    ...number,
    from,
    userId: null,
    messageId: `wamid.${from}`,
    text: 'Oi',
    at: tieback.now.at,
  };
  await tieback.sendWhatsApp(textMessage(message));
  await tieback.work();
}

test('a sale that a program reports reaches Meta as one made in the conversation, and its state follows', async () => {
  const api = await openApi();
  const contents = [{ id: '40', quantity: 2, item_price: 64.95 }];
  const told = await api.report({ reference: 'booking-4711', contents }, { idempotencyKey: 'booking-4711' });
  expect(told.status).toBe(201);
  expect(told.body).toEqual({
    id: expect.any(String),
    event_id: expect.stringMatching(/^tieback:api:[0-9a-f]{32}:Purchase$/),
    event_name: 'Purchase',
    occurred_at: at(-2 * MINUTE_MS),
    state: 'queued',
    reason: null,
    explanation: 'The purchase is about to be sent to Meta.',
    fix: null,
    fbtrace_id: null,
  });
  await api.tieback.work();
  const [accepted, ...more] = api.tieback.meta.accepted();
  expect(more).toEqual([]);
  expect(accepted?.event).toEqual({
    event_name: 'Purchase',
    event_time: (START.getTime() - 2 * MINUTE_MS) / 1000,
    event_id: told.body['event_id'],
    action_source: 'business_messaging',
    messaging_channel: 'whatsapp',
    user_data: { whatsapp_business_account_id: '102290129340398', ctwa_clid: CLICK_ID },
    custom_data: {
      currency: 'BRL',
      value: 129.9,
      order_id: 'booking-4711',
      content_type: 'product',
      content_ids: ['40'],
      contents,
    },
  });
  expect(await api.ask(idOf(told))).toMatchObject({
    status: 200,
    body: { id: idOf(told), state: 'reported', fbtrace_id: accepted?.fbtraceId },
  });
});

test('a repetition gets the same event as it is by then, however the body is written, and Meta is told once', async () => {
  const { tieback, ...api } = await openApi();
  const again = { idempotencyKey: 'sale-1' };
  const first = await api.report({}, again);
  await tieback.work();
  tieback.now.forward(3 * DAY_MS);
  const sale = JSON.stringify(
    Object.fromEntries(Object.entries(saleOf({ now: { ...tieback.now, at: START } })).reverse()),
    null,
    2,
  );
  const second = await api.report({}, { ...again, raw: sale });
  expect(second).toMatchObject({
    status: 200,
    body: {
      ...first.body,
      state: 'reported',
      explanation: expect.any(String),
      fbtrace_id: expect.any(String),
    },
  });
  await tieback.work();
  expect(tieback.meta.accepted()).toHaveLength(1);
});

test('a key of another event is refused and changes nothing', async () => {
  const api = await openApi();
  const first = await api.report({}, { idempotencyKey: 'sale-1' });
  for (const fields of [
    { value: { amount: '1', currency: 'BRL' } },
    lead('QualifiedLead'),
    { reference: 'x' },
  ]) {
    const second = await api.report(fields, { idempotencyKey: 'sale-1' });
    expect([second.status, codeOf(second)]).toEqual([409, 'idempotency_key_reused']);
  }
  expect(await api.events()).toMatchObject([{ id: idOf(first), eventName: 'Purchase', source: 'api' }]);
  expect(await requests(api)).toBe(1);
});

test('two sales with keys of their own are two events, be they as alike as they may', async () => {
  const { tieback, ...api } = await openApi();
  const [one, two] = [await api.report(), await api.report()];
  expect([one.status, two.status]).toEqual([201, 201]);
  await tieback.work();
  const ids = tieback.meta.accepted().map(({ event }) => event['event_id']);
  expect(new Set(ids)).toEqual(new Set([one.body['event_id'], two.body['event_id']]));
});

test('of equal requests at the same moment one is the first, and all get its event', async () => {
  const { tieback, ...api } = await openApi();
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => api.report({}, { idempotencyKey: 'sale-1' })),
  );
  expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array<number>(11).fill(200), 201]);
  expect(new Set(answers.map(idOf)).size).toBe(1);
  expect(await api.events()).toHaveLength(1);
  await tieback.work();
  expect(tieback.meta.accepted()).toHaveLength(1);
});

test('of different requests with one key at the same moment one is taken and the others are refused', async () => {
  const api = await openApi();
  const amounts = ['1', '2', '3', '4', '5', '6'];
  const answers = await Promise.all(
    amounts.map((amount) => api.report({ value: { amount, currency: 'BRL' } }, { idempotencyKey: 'sale-1' })),
  );
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array<number>(5).fill(409)]);
  expect(await api.events()).toHaveLength(1);
});

test('a conversation is found by a phone number in any form, by its id, and by a WhatsApp user id', async () => {
  const api = await openApi();
  const { db } = api.tieback.pipeline;
  const maria = await db.contact.findFirstOrThrow();
  await api.tieback.tapAd({ from: null, userId: 'BR.ana', messageId: 'wamid.ANA', clid: 'ana-click' });
  await api.tieback.work();
  const ana = await db.contact.findFirstOrThrow({ where: { id: { not: maria.id } } });
  const whose = async (conversation: object): Promise<string> => {
    const told = await api.report({ conversation });
    expect(told.status).toBe(201);
    const { referralId } = await db.conversionEvent.findFirstOrThrow({ where: { id: idOf(told) } });
    return (await db.referral.findFirstOrThrow({ where: { id: referralId ?? '' } })).contactId;
  };
  for (const phone of [MARIA.order, MARIA.digits, `+${MARIA.whatsapp}`, '+55 (11) 98665-4321'])
    expect(await whose({ phone }), phone).toBe(maria.id);
  expect(await whose({ contact_id: maria.id })).toBe(maria.id);
  expect(await whose({ contact_id: maria.id.toUpperCase() })).toBe(maria.id);
  expect(await whose({ user_id: 'BR.ana' })).toBe(ana.id);
});

test('a conversation that became one with another is still found by its old id', async () => {
  const api = await openApi();
  const { db } = api.tieback.pipeline;
  const maria = await db.contact.findFirstOrThrow();
  const old = '019aa1b2-6c40-7d11-9a53-5f1c2d3e4f50';
  await db.contact.create({ data: { ...maria, id: old, mergedInto: maria.id } });
  expect((await api.report({ conversation: { contact_id: old } })).status).toBe(201);
});

test('somebody whom nobody knows is said so, and nothing is kept of them', async () => {
  const api = await openApi();
  const id = '019aa1b2-6c40-7d11-9a53-5f1c2d3e4f50';
  for (const conversation of [
    { phone: '+5521987650000' },
    { contact_id: id },
    { contact_id: 'x' },
    { user_id: 'x' },
  ]) {
    const told = await api.report({ conversation });
    expect([told.status, codeOf(told)]).toEqual([404, 'conversation_not_found']);
  }
  const unreadable = await api.report({ conversation: { phone: 'Maria' } });
  expect(unreadable.body).toMatchObject({
    error: { code: 'invalid_request', fields: [{ path: 'conversation.phone' }] },
  });
  expect([await requests(api), await api.events()]).toEqual([0, []]);
});

test('a number that leads to several conversations is not guessed at; they are named', async () => {
  const api = await openApi();
  await api.tieback.tapAd({ from: MARIA.digits, messageId: 'wamid.OTHER', clid: 'other-click' });
  await api.tieback.work();
  const contacts = await api.tieback.pipeline.db.contact.findMany({ orderBy: { id: 'asc' } });
  expect(contacts).toHaveLength(2);
  const told = await api.report();
  expect([told.status, codeOf(told)]).toEqual([409, 'conversation_ambiguous']);
  for (const { id } of contacts) expect(JSON.stringify(told.body)).toContain(id);
  expect(await requests(api)).toBe(0);
});

test('what no ad earned is refused, kept nowhere, and taken with the same key once an ad did', async () => {
  const api = await openApi();
  await write(api, '5521987650000');
  const joao = { conversation: { phone: '+5521987650000' } };
  const options = { idempotencyKey: 'joao-1' };
  const told = await api.report(joao, options);
  expect([told.status, codeOf(told)]).toEqual([422, 'no_ad_click']);
  expect([await requests(api), await api.events()]).toEqual([0, []]);
  await api.tieback.tapAd({ from: '5521987650000', messageId: 'wamid.JOAO', clid: 'joao-click' });
  await api.tieback.work();
  expect((await api.report(joao, options)).status).toBe(201);
});

test('an event before the ad click, or too long after it, is no ad’s', async () => {
  const api = await openApi();
  const early = await api.report({ occurred_at: at(-19 * MINUTE_MS) });
  expect([early.status, codeOf(early)]).toEqual([422, 'click_after_order']);
  api.tieback.now.forward(8 * DAY_MS);
  const late = await api.report();
  expect([late.status, codeOf(late)]).toEqual([422, 'click_outside_window']);
});

test('an event that the shop has switched off is stored with its reason, and stays so under its key', async () => {
  const api = await openApi();
  const options = { idempotencyKey: 'lead-1' };
  const told = await api.report(lead('QualifiedLead'), options);
  expect(told).toMatchObject({ status: 201, body: { state: 'withheld', reason: 'reporting_off' } });
  expect(told.body['explanation']).toMatch(/^[A-Z].*\.$/);
  await api.set({ reportQualifiedLead: true });
  expect(await api.report(lead('QualifiedLead'), options)).toMatchObject({ status: 200, body: told.body });
  expect(await api.report(lead('QualifiedLead'))).toMatchObject({ status: 201, body: { state: 'queued' } });
  await api.tieback.work();
  expect(api.tieback.meta.accepted().map(({ event }) => event['event_name'])).toEqual(['QualifiedLead']);
  expect(await api.ask(idOf(told))).toMatchObject({ status: 200, body: told.body });
});

test('an event that Meta cannot be told is stored with its reason', async () => {
  const api = await openApi();
  const { db } = api.tieback.pipeline;
  await api.tieback.tapAd({ from: '5521987650000', messageId: 'wamid.STATUS', clid: null });
  await api.tieback.work();
  const reasonOf = async (fields: Record<string, unknown> = {}): Promise<unknown> => {
    const told = await api.report(fields);
    expect([told.status, told.body['state']]).toEqual([201, 'withheld']);
    return told.body['reason'];
  };
  expect(await reasonOf({ conversation: { phone: '+5521987650000' } })).toBe('no_click_id');
  await db.connection.updateMany({ data: { parkedEvents: ['Purchase'] } });
  expect(await reasonOf()).toBe('event_name_parked');
  await db.connection.updateMany({ data: { parkedEvents: [], state: 'disconnected' } });
  expect(await reasonOf()).toBe('disconnected');
  await db.connection.updateMany({ data: { state: 'active' } });
  const occurred_at = at(-MINUTE_MS);
  api.tieback.now.forward(7 * DAY_MS);
  expect(await reasonOf({ occurred_at })).toBe('too_old');
  await api.tieback.work();
  expect(api.tieback.meta.accepted()).toEqual([]);
});

test('each of Meta’s names can be reported, and Meta takes it', async () => {
  const api = await openApi();
  await api.set(Object.fromEntries(EVENT_NAMES.map((name) => [`report${name}`, true])));
  for (const name of EVENT_NAMES) {
    const isSale = name === 'Purchase' || name === 'OrderCreated';
    const told = await api.report(isSale ? { event_name: name } : lead(name), { idempotencyKey: name });
    expect([name, told.status, told.body['state']]).toEqual([name, 201, 'queued']);
  }
  await api.tieback.work();
  const names = api.tieback.meta.accepted().map(({ event }) => String(event['event_name']));
  expect(names.toSorted()).toEqual([...EVENT_NAMES].toSorted());
});
