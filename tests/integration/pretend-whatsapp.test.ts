import { createHmac } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { listenOnLoopback, readBody, sendText } from '../sandbox/loopback-server.ts';
import {
  adClickMessage,
  automaticEvent,
  batch,
  deliver,
  echo,
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
