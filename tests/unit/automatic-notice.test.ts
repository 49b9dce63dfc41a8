import { expect, test } from 'vitest';
import { readUpdate, splitDelivery } from '../../app/domain/whatsapp-update.ts';
import { whatsappAutomaticEvents, whatsappBody } from '../builders/whatsapp.ts';

/** The builders' WhatsApp account. */
const WABA = '102290129340398';

function split(body: unknown) {
  const delivery = splitDelivery(JSON.stringify(body));
  return delivery.kind === 'updates' ? delivery.updates : [];
}

function read(body: unknown) {
  return split(body).map((update) => readUpdate(update.text));
}

test('each automatic event is an update of its own, with its click verbatim and what it is worth', () => {
  const body = whatsappAutomaticEvents([
    { id: 'wamid.X', eventName: 'Purchase', clickId: 'Afc3', currency: 'usd', value: 250.5 },
    { id: 'wamid.X', eventName: 'LeadSubmitted', clickId: 'afC3' },
  ]);
  expect(split(body).map(({ key, topic }) => `${topic} ${key}`)).toEqual([
    'automatic_events automatic:wamid.X:Purchase',
    'automatic_events automatic:wamid.X:LeadSubmitted',
  ]);
  const at = new Date(1749069131_000);
  const seen = { messageId: 'wamid.X', at };
  expect(read(body)).toEqual([
    {
      ...{ kind: 'automatic', phoneNumberId: '106540352242922', wabaId: WABA },
      notice: {
        ...seen,
        eventName: 'Purchase',
        clickId: 'Afc3',
        value: { amount: '250.5', currency: 'USD' },
      },
    },
    {
      ...{ kind: 'automatic', phoneNumberId: '106540352242922', wabaId: WABA },
      notice: { ...seen, eventName: 'LeadSubmitted', clickId: 'afC3', value: null },
    },
  ]);
});

test.each([
  { ctwa_clid: null },
  { timestamp: '7' },
  { id: null },
  { event_name: 'Schedule' },
  { event_name: null },
])('an automatic event with %j is flagged', (fields) => {
  const event = {
    id: 'wamid.X',
    event_name: 'Purchase',
    timestamp: 1749069131,
    ctwa_clid: 'Afc3',
    ...fields,
  };
  expect(read(whatsappBody('automatic_events', { automatic_events: [event] }))).toEqual([
    { kind: 'unknown', problem: 'The automatic event does not say which event of which click it is.' },
  ]);
});
