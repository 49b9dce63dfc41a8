import { fingerprint } from '../../app/domain/fingerprint.ts';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { captureBatch } from '../../app/pipeline/capture.ts';
import { holdContacts } from '../../app/pipeline/contacts.ts';
import { adReferral, whatsappBatch, whatsappMessage } from '../builders/whatsapp.ts';
import { MARIA, openTieback, type Tieback } from './tieback.ts';

const AT = Date.parse('2026-11-18T13:00:00Z') / 1000;

function contacts(tieback: Tieback) {
  return tieback.pipeline.db.contact.findMany({ include: { identities: true, referrals: true } });
}

function deliveries(tieback: Tieback) {
  return tieback.pipeline.db.delivery.findMany({ orderBy: { id: 'asc' } });
}

test('workers that meet the same new people at once make one contact of each', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  const people = 50;
  // The first five hundred fill one worker's batch in one order, the rest another worker's in the other.
  const messages = Array.from({ length: 1000 }, (_, index) => {
    const person = index < 500 ? index % people : people - 1 - (index % people);
    const from = `55119000000${String(person).padStart(2, '0')}`;
    const userId = index < 500 ? `BR.${person}` : null;
    return whatsappMessage({ id: `wamid.${index}`, from, userId, at: AT + index });
  });
  await tieback.sendWhatsApp(whatsappBatch(messages));
  const taken = await Promise.all([captureBatch(tieback.pipeline), captureBatch(tieback.pipeline)]);
  expect(taken).toEqual([500, 500]);
  const found = await contacts(tieback);
  expect(found.map((contact) => contact.messages)).toEqual(Array(people).fill(20));
  expect(new Set(found.map((contact) => contact.identities.length))).toEqual(new Set([2]));
});

test('a person whose number another worker learns at the same moment is still one contact', async () => {
  const tieback = await openTieback();
  const { shopId } = await tieback.connect();
  const { db, index } = tieback.pipeline;
  const at = new Date(AT * 1000);
  const message = { from: MARIA.whatsapp, userId: 'BR.1', at: AT, referral: adReferral() };
  await tieback.sendWhatsApp(whatsappMessage(message));

  const id = '01a1eed9-0000-7000-8000-000000000001';
  let captured: Promise<number> | undefined;
  await db.$transaction(async (other) => {
    await holdContacts(other, [shopId], 'alone');
    const marks = { firstMessageAt: at, lastMessageAt: at, messages: 1 };
    await other.contact.create({ data: { shopId, id, ...marks } });
    const hash = index(shopId, 'phone', MARIA.whatsapp);
    await other.contactIdentity.create({ data: { shopId, contactId: id, kind: 'phone', hash } });
    captured = captureBatch(tieback.pipeline);
    await untilSomebodyWaits(tieback);
  });
  expect(await captured).toBe(1);
  expect(await contacts(tieback)).toMatchObject([{ id, messages: 2, identities: [{}, {}], referrals: [{}] }]);
});

test('workers that merge the same people at once, in opposite orders, neither deadlock nor lose a click', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  const people = Array.from({ length: 250 }, (_, n) => ({
    userId: `BR.${n}`,
    from: String(5511900000000 + n),
  }));
  // First everybody is two: a click behind the user id and one by number.
  const clicks = people.flatMap(({ userId, from }, n) => [
    whatsappMessage({ id: `wamid.U${n}`, from: null, userId, at: AT + n, referral: adReferral() }),
    whatsappMessage({ id: `wamid.P${n}`, from, at: AT + n, referral: adReferral() }),
  ]);
  await tieback.sendWhatsApp(whatsappBatch(clicks));
  await captureBatch(tieback.pipeline);
  expect(await tieback.pipeline.db.contact.count()).toBe(500);

  const both = (round: number) =>
    people.map(({ userId, from }, n) =>
      whatsappMessage({ id: `wamid.${round}.${n}`, from, userId, at: AT + 500, referral: adReferral() }),
    );
  const rounds = [...both(0), ...both(1), ...both(2).toReversed(), ...both(3).toReversed()];
  await tieback.sendWhatsApp(whatsappBatch(rounds));
  const warnings: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => warnings.push(line) });
  const pipeline = { ...tieback.pipeline, log };
  expect(await Promise.all([captureBatch(pipeline), captureBatch(pipeline)])).toEqual([500, 500]);
  // A deadlock would have ended one batch, whose deliveries are then worked one by one.
  expect(warnings).toEqual([]);
  const found = (await contacts(tieback)).filter(({ mergedInto }) => mergedInto === null);
  expect(found).toHaveLength(250);
  const seen = found.map(({ messages, identities, referrals }) => [
    messages,
    identities.length,
    referrals.length,
  ]);
  expect(new Set(seen.map((counts) => counts.join(' ')))).toEqual(new Set(['6 2 6']));
  expect(await tieback.pipeline.db.contactMerge.count()).toBe(250);
  expect((await deliveries(tieback)).every(({ attempts, state }) => attempts === 1 && state === 'done')).toBe(
    true,
  );
});

test('who links orders and who changes contacts take turns, while those who link do not wait for each other', async () => {
  const tieback = await openTieback();
  const { shopId } = await tieback.connect();
  const { db } = tieback.pipeline;
  await tieback.sendWhatsApp(whatsappMessage({ id: 'wamid.1' }));
  let captured: Promise<number> | undefined;
  await db.$transaction(async (one) => {
    await holdContacts(one, [shopId], 'shared');
    await db.$transaction((other) => holdContacts(other, [shopId], 'shared'));
    captured = captureBatch(tieback.pipeline);
    await untilSomebodyWaits(tieback);
    expect(await one.contact.count()).toBe(0);
  });
  expect(await captured).toBe(1);
});

/** Resolves when a transaction waits for another one's lock. */
async function untilSomebodyWaits({ pipeline }: Tieback): Promise<void> {
  for (;;) {
    const waiting = await pipeline.db.$queryRaw<unknown[]>`
      SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    if (waiting.length > 0) return;
  }
}

test('a delivery that cannot be read does not stop the others, and is set aside after its last try', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  const three = ['wamid.1', 'wamid.POISON', 'wamid.3'].map((id) =>
    whatsappMessage({ id, from: `1650555${id.length}000` }),
  );
  await tieback.sendWhatsApp(whatsappBatch(three));
  const { db } = tieback.pipeline;
  await db.delivery.update({
    where: {
      account_source_key: { account: '', source: 'whatsapp', key: fingerprint('message:wamid.POISON') },
    },
    data: { body: 'v1.test.AAAA' },
  });
  await tieback.work();
  expect((await deliveries(tieback)).map((row) => row.state)).toEqual(['done', 'due', 'done']);

  const tries: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    tieback.now.forward(24 * 60 * 60_000);
    await tieback.work();
    tries.push((await deliveries(tieback))[1]?.attempts ?? 0);
  }
  expect(tries).toEqual([2, 3, 4, 5, 6, 6, 6, 6, 6, 6]);
  expect((await deliveries(tieback))[1]).toMatchObject({ state: 'dead', body: 'v1.test.AAAA' });
  expect((await deliveries(tieback))[1]?.reason).toBeTruthy();
});
