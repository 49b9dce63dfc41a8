import type { ContactId, ReferralId, ShopId } from '../domain/ids.ts';
import { qualifiedAt } from '../domain/lead.ts';
import type { SentMessage } from '../domain/whatsapp-update.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import type { ChatSignal } from './chat-signal.ts';
import { findContacts, identityKey } from './contacts.ts';
import type { Pipeline } from './context.ts';
import type { ShopFacts } from './shop.ts';

/** A message of a person, in a shop that tells of leads. */
export type LeadMessage = { shop: ShopFacts; contactId: ContactId; at: Date };
/** A message of the business, in such a shop. */
export type LeadAnswer = { shop: ShopFacts; sent: SentMessage };
export type LeadClick = { shop: ShopFacts; contactId: ContactId; referralId: ReferralId; clickedAt: Date };
/** When the business answered each person, as far as this batch tells. */
type Answers = ReadonlyMap<ContactId, Date[]>;

/** The first message after an ad click makes a lead. */
export function submittedLeads(clicks: readonly LeadClick[]): ChatSignal[] {
  return clicks
    .filter(({ shop }) => shop.settings.reportLeadSubmitted)
    .map(({ clickedAt, ...click }) => leadSignal({ ...click, at: clickedAt }, 'LeadSubmitted'));
}

/**
 * Counts messages since their ad click and answers to them, where a shop's rule asks for it, and gives back the leads
 * that are qualified by now. The clicks of the batch must be saved. Takes the shops' contacts held alone.
 */
export async function qualifiedLeads(
  pipeline: Pick<Pipeline, 'index'>,
  tx: Transaction,
  batch: { messages: readonly LeadMessage[]; answers: readonly LeadAnswer[] },
): Promise<ChatSignal[]> {
  const answers = await saveAnswers(pipeline, tx, batch.answers.filter(answersCount));
  const messages = batch.messages.filter(messagesCount);
  if (messages.length === 0) return [];
  const clicks = await latestClicks(tx, messages);
  await countSince(tx, clicks);
  return clicks.flatMap(({ shop, contactId, referralId, clickedAt, counted, answeredAt, times }) => {
    const answered = [...(answeredAt === null ? [] : [answeredAt]), ...(answers.get(contactId) ?? [])];
    const { settings } = shop;
    const at = qualifiedAt({ clickedAt, counted, messages: times, answers: answered, settings });
    return at === null ? [] : [leadSignal({ shop, contactId, referralId, at }, 'QualifiedLead')];
  });
}

/** Whether a shop's rule looks at answers of the business. */
export function answersCount({ shop: { settings } }: { shop: ShopFacts }): boolean {
  return settings.reportQualifiedLead && settings.qualifiedLeadReply;
}

function messagesCount({ shop: { settings } }: { shop: ShopFacts }): boolean {
  return settings.reportQualifiedLead && (settings.qualifiedLeadReply || settings.qualifiedLeadMessages > 0);
}

function leadSignal(
  { shop, contactId, referralId, at }: Omit<LeadClick, 'clickedAt'> & { at: Date },
  eventName: 'LeadSubmitted' | 'QualifiedLead',
): ChatSignal {
  const subject = `click:${referralId}`;
  return {
    ...{ shop, contactId, eventName, subject, at, click: referralId, draft: { customer: {} }, value: null },
    source: eventName === 'LeadSubmitted' ? 'click' : 'rule',
    eventId: `tieback:${subject}:${eventName}`,
  };
}

async function saveAnswers(
  { index }: Pick<Pipeline, 'index'>,
  tx: Transaction,
  answers: readonly LeadAnswer[],
): Promise<Answers> {
  if (answers.length === 0) return new Map();
  const named = answers.flatMap(({ shop: { id: shopId }, sent }) => [
    ...(sent.phone === null ? [] : [{ shopId, at: sent.at, hash: index(shopId, 'phone', sent.phone) }]),
    ...(sent.userId === null ? [] : [{ shopId, at: sent.at, hash: index(shopId, 'user_id', sent.userId) }]),
  ]);
  const contacts = await findContacts(tx, named);
  const told = named.flatMap(({ shopId, at, hash }) => {
    const contactId = contacts.get(identityKey({ shopId, hash }));
    return contactId === undefined ? [] : [{ shopId, contactId, at }];
  });
  if (told.length > 0) await noteAnswers(tx, told);
  const byContact = Map.groupBy(told, ({ contactId }) => contactId);
  return new Map([...byContact].map(([contactId, group]) => [contactId, group.map(({ at }) => at)]));
}

/** Keeps the first answer since the latest ad click; of who never clicked none. */
async function noteAnswers(
  tx: Transaction,
  told: readonly { shopId: ShopId; contactId: ContactId; at: Date }[],
): Promise<void> {
  await tx.$executeRaw(Prisma.sql`
    WITH told AS (
      SELECT t.shop_id, t.id, r.clicked_at, min(t.at) AS at
      FROM unnest(${told.map((t) => t.shopId)}::int[], ${told.map((t) => t.contactId)}::uuid[],
        ${told.map((t) => t.at)}::timestamptz[]) AS t(shop_id, id, at)
      CROSS JOIN LATERAL (
        SELECT max(clicked_at) AS clicked_at FROM referrals
        WHERE shop_id = t.shop_id AND contact_id = t.id AND click_id IS NOT NULL) r
      WHERE t.at >= r.clicked_at GROUP BY 1, 2, 3
    )
    UPDATE contacts c
    SET answered_at = CASE WHEN c.answered_at >= t.clicked_at THEN LEAST(c.answered_at, t.at) ELSE t.at END
    FROM told t WHERE c.shop_id = t.shop_id AND c.id = t.id`);
}

type CountedClick = LeadClick & { counted: number; answeredAt: Date | null; times: Date[] };

/** The latest ad click before each message, with the messages of the batch that came since. */
async function latestClicks(tx: Transaction, messages: readonly LeadMessage[]): Promise<CountedClick[]> {
  const rows = await tx.$queryRaw<
    { nth: number; referralId: ReferralId; clickedAt: Date; counted: number; answeredAt: Date | null }[]
  >(Prisma.sql`
    SELECT m.nth::int AS nth, r.id AS "referralId", r.clicked_at AS "clickedAt", r.messages_since AS counted,
      c.answered_at AS "answeredAt"
    FROM unnest(${messages.map(({ shop }) => shop.id)}::int[], ${messages.map((m) => m.contactId)}::uuid[],
      ${messages.map((m) => m.at)}::timestamptz[]) WITH ORDINALITY AS m(shop_id, contact_id, at, nth)
    CROSS JOIN LATERAL (
      SELECT id, clicked_at, messages_since FROM referrals
      WHERE shop_id = m.shop_id AND contact_id = m.contact_id AND clicked_at <= m.at AND click_id IS NOT NULL
      ORDER BY clicked_at DESC, id DESC LIMIT 1) r
    JOIN contacts c ON c.shop_id = m.shop_id AND c.id = m.contact_id`);
  return [...Map.groupBy(rows, ({ referralId }) => referralId).values()].flatMap((group) => {
    const told = group.flatMap(({ nth }) => messages[nth - 1] ?? []);
    const [click] = group;
    const [message] = told;
    if (click === undefined || message === undefined) return [];
    const { referralId, clickedAt, counted, answeredAt } = click;
    const { shop, contactId } = message;
    return [{ shop, contactId, referralId, clickedAt, counted, answeredAt, times: told.map(({ at }) => at) }];
  });
}

async function countSince(tx: Transaction, clicks: readonly CountedClick[]): Promise<void> {
  const counted = clicks.filter(({ shop }) => shop.settings.qualifiedLeadMessages > 0);
  if (counted.length === 0) return;
  await tx.$executeRaw(Prisma.sql`
    UPDATE referrals r SET messages_since = r.messages_since + n.messages
    FROM unnest(${counted.map(({ shop }) => shop.id)}::int[], ${counted.map((c) => c.referralId)}::uuid[],
      ${counted.map(({ times }) => times.length)}::int[]) AS n(shop_id, id, messages)
    WHERE r.shop_id = n.shop_id AND r.id = n.id`);
}
