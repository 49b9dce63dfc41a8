import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readUpdate, splitDelivery } from '../../app/domain/whatsapp-update.ts';
import {
  adReferral,
  whatsappBatch,
  whatsappBody,
  whatsappMessage,
  whatsappStatus,
} from '../builders/whatsapp.ts';

function read(text: string) {
  const delivery = splitDelivery(text);
  return delivery.kind === 'updates' ? delivery.updates.map((update) => readUpdate(update.text)) : [];
}

const person = fc.record({
  from: fc.option(fc.stringMatching(/^[1-9]\d{9,12}$/)),
  userId: fc.stringMatching(/^[A-Z]{2}\.[1-9]\d{5,18}$/),
  referral: fc.option(fc.constant(adReferral())),
});
const people = fc.array(person, { maxLength: 20 });
const junk = fc.array(
  fc.oneof(
    fc.constant(whatsappStatus()),
    fc.constant(whatsappBody('account_update', { event: 'PARTNER_REMOVED' })),
    fc.constant({ entry: [null, 5, {}, { changes: 'x' }, { changes: [null, { field: 'messages' }] }] }),
    fc.jsonValue().map((value) => ({ entry: [{ id: '1', changes: [{ field: 'messages', value }] }] })),
    fc.jsonValue().map((value) => ({ entry: [value] })),
  ),
  { maxLength: 5 },
);

test('as many messages come out as went in, in any order, each from its own sender, whatever lies between them', () => {
  fc.assert(
    fc.property(people, junk, fc.infiniteStream(fc.nat(10)), (senders, others, positions) => {
      const bodies: Record<string, unknown>[] = senders.map((sender, n) =>
        whatsappMessage({ id: `wamid.${n}`, ...sender }),
      );
      for (const other of others) bodies.splice(positions.next().value ?? 0, 0, other);

      const messages = read(JSON.stringify(whatsappBatch(bodies))).filter(
        (update) => update.kind === 'message',
      );
      expect(
        messages.map(({ message }) => [message.id, message.phone, message.userId, message.referral !== null]),
      ).toEqual(
        senders.map(({ from, userId, referral }, n) => [`wamid.${n}`, from, userId, referral !== null]),
      );
    }),
  );
});

test('it does not matter whether messages share a value or come alone', () => {
  fc.assert(
    fc.property(people, (senders) => {
      const alone = senders.map((sender, n) => whatsappMessage({ id: `wamid.${n}`, ...sender }));
      const together = whatsappBody('messages', {
        contacts: senders.map(({ from, userId }) => ({
          ...(from !== null && { wa_id: from }),
          user_id: userId,
        })),
        messages: senders.map(({ from, userId, referral }, n) => ({
          ...(referral !== null && { referral }),
          ...(from !== null && { from }),
          from_user_id: userId,
          id: `wamid.${n}`,
          timestamp: '1750275992',
          type: 'text',
        })),
      });
      const isMessage = (update: { kind: string }) => update.kind === 'message';
      expect(read(JSON.stringify(together)).filter(isMessage)).toEqual(
        read(JSON.stringify(whatsappBatch(alone))).filter(isMessage),
      );
    }),
  );
});

test('splitting what was split changes nothing', () => {
  fc.assert(
    fc.property(junk, (others) => {
      const delivery = splitDelivery(JSON.stringify(whatsappBatch([...others, whatsappMessage()])));
      for (const update of delivery.kind === 'updates' ? delivery.updates : []) {
        const again = splitDelivery(update.text);
        expect(again.kind === 'updates' && again.updates.map((one) => one.key)).toEqual([update.key]);
      }
    }),
  );
});

test('no JSON and no text makes splitting or reading throw, and every JSON leaves at least one update', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.string(),
        junk.map((others) => JSON.stringify(whatsappBatch(others))),
      ),
      (text) => {
        const delivery = splitDelivery(text);
        if (delivery.kind === 'updates') expect(delivery.updates.length).toBeGreaterThan(0);
        expect(readUpdate(text)).toHaveProperty('kind');
        for (const update of read(text)) expect(update).toHaveProperty('kind');
      },
    ),
  );
});

test('keys are short, printable and distinct', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (ids) => {
      const delivery = splitDelivery(JSON.stringify(whatsappBatch(ids.map((id) => whatsappMessage({ id })))));
      const keys = delivery.kind === 'updates' ? delivery.updates.map((update) => update.key) : [];
      expect(new Set(keys).size).toBe(keys.length);
      for (const key of keys) expect(key).toMatch(/^[\x21-\x7e]{1,600}$/);
    }),
  );
});
