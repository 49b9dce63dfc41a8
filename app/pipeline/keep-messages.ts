import { fingerprint } from '../domain/fingerprint.ts';
import type { ConnectionId, ContactId, ReferralId } from '../domain/ids.ts';
import { maskPhone, type PhoneDigits } from '../domain/phone.ts';
import type { Referral } from '../domain/referral.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { uuidv7 } from '../storage/uuid.ts';
import { tellSignals } from './chat-signal.ts';
import type { Pipeline } from './context.ts';
import { markLateClicks, type NewClick } from './late-clicks.ts';
import { qualifiedLeads, submittedLeads, type LeadAnswer } from './lead-rule.ts';
import { recognise, type Seen } from './recognise.ts';
import { LATE_EVIDENCE_MS } from './reconsider-mark.ts';
import { referralField } from './sealed.ts';
import type { ShopFacts } from './shop.ts';

/** One update as one shop sees it; a number may belong to two shops, and each gets its own contact and click. */
export type Arrival = Seen & {
  connectionId: ConnectionId;
  /** The shop, when it tells of leads. */
  leads: ShopFacts | null;
  /** Null for a notice, which is WhatsApp's and no message of the person. */
  message: { id: string; referral: Referral | null } | null;
};
type Placed = Arrival & { contactId: ContactId };
type SavedClick = NewClick & { referralId: ReferralId; leads: ShopFacts | null; hasClickId: boolean };

/**
 * Keeps who wrote when and through which ad, and tells of the leads among them; `answers`: what the business wrote.
 * Takes the shops' contacts held alone.
 */
export async function keepMessages(
  pipeline: Pipeline,
  tx: Transaction,
  { arrivals, answers }: { arrivals: readonly Arrival[]; answers: readonly LeadAnswer[] },
): Promise<void> {
  const { seen, finish } = await recognise(pipeline, tx, arrivals);
  if (seen.length > 0) await countMessages(tx, seen);
  const clicks = await saveReferrals(pipeline, tx, seen);
  await markLateClicks(tx, clicks, new Date(pipeline.clock().getTime() - LATE_EVIDENCE_MS));
  const messages = seen.flatMap(({ leads, contactId, at, message }) =>
    leads === null || message === null ? [] : [{ shop: leads, contactId, at }],
  );
  const withClickId = clicks.flatMap(({ leads, hasClickId, ...click }) =>
    leads === null || !hasClickId ? [] : [{ ...click, shop: leads }],
  );
  await tellSignals(pipeline, tx, [
    ...submittedLeads(withClickId),
    ...(await qualifiedLeads(pipeline, tx, { messages, answers })),
  ]);
  await finish();
}

async function countMessages(tx: Transaction, placed: Placed[]): Promise<void> {
  const marks = [...Map.groupBy(placed, (arrival) => `${arrival.shopId} ${arrival.contactId}`).values()].map(
    (group) => {
      const times = group.flatMap(({ message, at }) => (message === null ? [] : [at.getTime()]));
      const phone = group.toSorted((a, b) => b.at.getTime() - a.at.getTime()).flatMap(ownPhones)[0];
      return {
        shopId: group[0]?.shopId ?? null,
        contactId: group[0]?.contactId ?? null,
        messages: times.length,
        first: times.length === 0 ? null : new Date(Math.min(...times)),
        last: times.length === 0 ? null : new Date(Math.max(...times)),
        masked: phone === undefined ? null : maskPhone(phone),
      };
    },
  );
  // A contact without a message is new or known from a notice alone: its times are nobody's message yet.
  await tx.$executeRaw(Prisma.sql`
    UPDATE contacts c SET messages = c.messages + m.messages,
      first_message_at = CASE WHEN c.messages = 0 THEN COALESCE(m.first, c.first_message_at)
        ELSE LEAST(c.first_message_at, m.first) END,
      last_message_at = CASE WHEN c.messages = 0 THEN COALESCE(m.last, c.last_message_at)
        ELSE GREATEST(c.last_message_at, m.last) END,
      masked_phone = COALESCE(m.masked, c.masked_phone)
    FROM unnest(${marks.map((m) => m.shopId)}::int[], ${marks.map((m) => m.contactId)}::uuid[],
      ${marks.map((m) => m.messages)}::int[], ${marks.map((m) => m.first)}::timestamptz[],
      ${marks.map((m) => m.last)}::timestamptz[], ${marks.map((m) => m.masked)}::text[])
      AS m(shop_id, contact_id, messages, first, last, masked)
    WHERE c.shop_id = m.shop_id AND c.id = m.contact_id`);
}

/** The numbers that are surely the person's, the latest known first; a card may name a friend. */
function ownPhones({ phone, learned }: Seen): PhoneDigits[] {
  const told = learned.flatMap((one) =>
    one.kind === 'phone' && one.by !== 'shared_contact' ? [one.value] : [],
  );
  return phone === null ? told : [...told, phone];
}

/** Keeps the ad clicks, and gives back those that were not known before. */
async function saveReferrals(pipeline: Pipeline, tx: Transaction, placed: Placed[]): Promise<SavedClick[]> {
  const rows = placed.flatMap(({ shopId, connectionId, contactId, at, message, leads }) => {
    if (!message?.referral) return [];
    const { id, referral } = message;
    const messageKey = fingerprint(id);
    const seal = (column: 'click_id' | 'raw', text: string): string =>
      pipeline.vault.seal(text, referralField(shopId, messageKey, column));
    const row = {
      shopId,
      id: uuidv7(pipeline.clock()),
      contactId,
      connectionId,
      messageKey,
      clickedAt: at,
      sourceType: referral.sourceType,
      sourceId: referral.sourceId,
      sourceUrl: referral.sourceUrl,
      headline: referral.headline,
      mediaType: referral.mediaType,
      clickId: referral.clickId === null ? null : seal('click_id', referral.clickId),
      clickHash: referral.clickId === null ? null : pipeline.index(shopId, 'click', referral.clickId),
      raw: seal('raw', referral.raw),
    };
    return { row, leads };
  });
  if (rows.length === 0) return [];
  const saved = await tx.referral.createManyAndReturn({
    data: rows.map(({ row }) => row),
    skipDuplicates: true,
    select: { id: true },
  });
  const isNew = new Set(saved.map(({ id }) => id));
  return rows
    .filter(({ row }) => isNew.has(row.id))
    .map(({ row: { shopId, contactId, clickedAt, id, clickId }, leads }) => ({
      ...{ shopId, contactId, clickedAt, leads },
      referralId: id as ReferralId,
      hasClickId: clickId !== null,
    }));
}
