import { createHmac } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { listenOnLoopback, readBody, sendText } from '../sandbox/loopback-server.ts';
import {
  accountUpdate,
  adClickMessage,
  automaticEvent,
  automaticEvents,
  batch,
  deliver,
  echo,
  phoneNumberQualityUpdate,
  signedDelivery,
  statusUpdate,
  textMessage,
} from '../sandbox/pretend-whatsapp.ts';

const ACCOUNT = { wabaId: '1', phoneNumberId: '2', displayNumber: '15550783881' };
const AT = new Date('2026-11-20T10:00:00.900Z');
const AD = { ...ACCOUNT, messageId: 'wamid.1', at: AT, adId: '120226305854810726' };

test('delivers a webhook signed over its bytes', async () => {
  const seen: { signature: unknown; bytes: Buffer }[] = [];
  const app = await listenOnLoopback(async (request, response) => {
    const read = await readBody(request, 10_000);
    if (read.kind === 'body')
      seen.push({ signature: request.headers['x-hub-signature-256'], bytes: read.bytes });
    sendText(response, 200, 'ok');
  });
  onTestFinished(app.close);
  const body = textMessage({ ...ACCOUNT, from: '5511987654321', messageId: 'wamid.1', at: AT, text: 'Olá' });
  expect(await deliver({ url: app.url, appSecret: 'secret', body })).toEqual({ status: 200, text: 'ok' });
  await fetch(app.url, {
    method: 'POST',
    ...signedDelivery({ appSecret: 'secret', body: '{"as":  "it is"}' }),
  });
  expect(seen[1]?.bytes.toString()).toBe('{"as":  "it is"}');
  for (const { signature, bytes } of seen) {
    expect(signature).toBe(`sha256=${createHmac('sha256', 'secret').update(bytes).digest('hex')}`);
  }
});

test('shapes an ad click as Meta documents it, with the number or hidden behind a username', () => {
  const [open, hidden] = [
    adClickMessage({ ...AD, from: '5511987654321', clid: 'ARclick', headline: 'Shirts' }),
    adClickMessage({ ...AD, from: null, userId: 'BR.1', clid: null }),
  ];
  const value = (message: object) => ({
    entry: [
      {
        id: '1',
        changes: [{ field: 'messages', value: { metadata: { phone_number_id: '2' }, messages: [message] } }],
      },
    ],
  });
  const referral = { source_type: 'ad', source_id: AD.adId };
  const timestamp = '1795168800';
  expect(open).toMatchObject(
    value({
      from: '5511987654321',
      timestamp,
      referral: { ...referral, ctwa_clid: 'ARclick', headline: 'Shirts' },
    }),
  );
  expect(hidden).toMatchObject(value({ from_user_id: 'BR.1', timestamp, referral }));
  expect(JSON.stringify(hidden)).not.toMatch(/"from"|"wa_id"|ctwa_clid/);
});

test('batches every kind of update into one delivery', () => {
  const sent = { ...ACCOUNT, to: '5511987654321', messageId: 'wamid.2', at: AT };
  const delivery = batch(
    textMessage({ ...ACCOUNT, from: '5511987654321', messageId: 'wamid.1', at: AT }),
    statusUpdate({ ...sent, status: 'read' }),
    echo(sent),
    automaticEvent({ ...ACCOUNT, messageId: 'wamid.1', at: AT, clid: 'ARclick', currency: 'BRL', value: 10 }),
  );
  const change = (field: string, value: object) => ({ id: '1', changes: [{ field, value }] });
  expect(delivery).toMatchObject({
    object: 'whatsapp_business_account',
    entry: [
      change('messages', { messages: [{ id: 'wamid.1' }] }),
      change('messages', { statuses: [{ id: 'wamid.2', status: 'read', recipient_id: '5511987654321' }] }),
      change('smb_message_echoes', { message_echoes: [{ id: 'wamid.2', to: '5511987654321' }] }),
      change('automatic_events', {
        automatic_events: [{ ctwa_clid: 'ARclick', custom_data: { currency: 'BRL', value: 10 } }],
      }),
    ],
  });
});

test('puts several automatic events into one delivery, and a value on purchases alone', () => {
  const seen = { messageId: 'wamid.1', at: AT, clid: 'ARclick' };
  const body = automaticEvents({ ...ACCOUNT, events: [seen, { ...seen, eventName: 'LeadSubmitted' }] });
  const [change] = changesOf(body);
  expect(change).toMatchObject({
    field: 'automatic_events',
    value: {
      automatic_events: [
        { event_name: 'Purchase', timestamp: 1795168800, custom_data: { currency: 'USD', value: 25000 } },
        { event_name: 'LeadSubmitted', ctwa_clid: 'ARclick' },
      ],
    },
  });
  expect(JSON.stringify(change).match(/custom_data/g)).toHaveLength(1);
});

test('tells by a status what a message cost and that an ad began the conversation', () => {
  const pricing = { type: 'free_entry_point', category: 'referral_conversion' } as const;
  const sent = { ...ACCOUNT, to: '5511987654321', messageId: 'wamid.2', at: AT, status: 'sent' };
  const [change] = changesOf(statusUpdate({ ...sent, pricing, origin: 'referral_conversion' }));
  expect(change).toMatchObject({
    value: {
      statuses: [
        {
          conversation: { origin: { type: 'referral_conversion' }, expiration_timestamp: '1795428000' },
          pricing: { billable: false, pricing_model: 'PMP', ...pricing },
        },
      ],
    },
  });
  expect(JSON.stringify(statusUpdate(sent))).not.toMatch(/conversation|pricing/);
});

test('words an account’s end as Meta’s sample does, with the field inside the value', () => {
  const event = { event: 'PARTNER_APP_UNINSTALLED', wabaId: '1', at: AT } as const;
  const info = { waba_id: '1', owner_business_id: '2329417887457253', partner_app_id: '670843887433847' };
  const value = { event: event.event, waba_info: info };
  expect(changesOf(accountUpdate(event))).toEqual([{ value: { ...value, field: 'account_update' } }]);
  expect(changesOf(accountUpdate({ ...event, asInSample: false }))).toEqual([
    { value, field: 'account_update' },
  ]);
});

test('names the account of an update in its entry, or inside where the entry is a portfolio’s', () => {
  const own = accountUpdate({ event: 'DISABLED_UPDATE', wabaId: '1', at: AT, banState: 'DISABLE' });
  expect(own).toMatchObject({
    object: 'whatsapp_business_account',
    entry: [{ id: '1', time: 1795168800, changes: [{ value: { ban_info: { waba_ban_state: 'DISABLE' } } }] }],
  });
  const shared = accountUpdate({ event: 'PARTNER_REMOVED', wabaId: '1', at: AT });
  expect(shared).toMatchObject({ entry: [{ changes: [{ value: { waba_info: { waba_id: '1' } } }] }] });
  expect(shared).not.toMatchObject({ entry: [{ id: '1' }] });
  const until = new Date(AT.getTime() + 1_000);
  const restrictions = [{ type: 'RESTRICTED_BIZ_INITIATED_MESSAGING', until }];
  const [change] = changesOf(
    accountUpdate({ event: 'ACCOUNT_RESTRICTION', wabaId: '1', at: AT, restrictions }),
  );
  expect(change).toMatchObject({
    value: { restriction_info: [{ restriction_type: restrictions[0]?.type, expiration: 1795168801 }] },
  });
});

test('names the number of a quality update as it is shown, and by no id', () => {
  const update = phoneNumberQualityUpdate({ ...ACCOUNT, at: AT, event: 'FLAGGED', oldLimit: 'TIER_10K' });
  expect(changesOf(update)).toEqual([
    {
      field: 'phone_number_quality_update',
      value: {
        display_phone_number: ACCOUNT.displayNumber,
        event: 'FLAGGED',
        current_limit: 'TIER_1K',
        old_limit: 'TIER_10K',
      },
    },
  ]);
});

function changesOf(body: Record<string, unknown>): unknown[] {
  const [entry] = body['entry'] as { changes: unknown[] }[];
  return entry?.changes ?? [];
}
