import { creditClick, type Click } from '../domain/attribution.ts';
import { buildPurchase, type ConversionEventPayload } from '../domain/conversion-event.ts';
import type { ContactId, ShopId } from '../domain/ids.ts';
import {
  linkOrder,
  orderPhoneForms,
  type Evidence,
  type KnownContact,
  type PhoneForm,
} from '../domain/link.ts';
import type { Order } from '../domain/order.ts';
import { countryOfPhone, phoneFromWhatsApp, type PhoneDigits } from '../domain/phone.ts';
import type { NotAttributedReason, WithheldReason } from '../domain/reason.ts';
import { decideReport, type ReportDecision } from '../domain/report.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import {
  loadClicks,
  loadConnections,
  loadContacts,
  type ConnectionFacts,
  type StoredClick,
} from './evidence.ts';
import { findContacts, identityKey } from './contacts.ts';
import type { Payment } from './apply-orders.ts';
import type { Pipeline } from './context.ts';
import { writeEvents, type NewEvent } from './ledger.ts';
import { referralField } from './sealed.ts';
import type { ShopFacts } from './shop.ts';

export type PaidOrder = Payment & { shop: ShopFacts; order: Order };

type Linked = { evidence: Evidence[]; contactId: ContactId | null };
type Verdict = Linked &
  (
    | { kind: 'not_attributed'; reason: NotAttributedReason; click: null }
    | { kind: 'withheld'; reason: WithheldReason; click: StoredClick }
    | {
        kind: 'report';
        click: StoredClick;
        decision: Extract<ReportDecision, { kind: 'report' }>;
        phones: PhoneDigits[];
      }
  );
type Known = {
  contacts: ReadonlyMap<string, KnownContact>;
  clicks: ReadonlyMap<ContactId, StoredClick[]>;
  connections: ReadonlyMap<ShopId, ConnectionFacts[]>;
};

/** Links each paid order, credits a click, decides what may be reported, and writes payment and decision down. */
export async function decideOrders(
  pipeline: Pipeline,
  tx: Transaction,
  orders: readonly PaidOrder[],
): Promise<void> {
  if (orders.length === 0) return;
  const shopIds = [...new Set(orders.map(({ shop }) => shop.id))];
  const connections = await loadConnections(tx, shopIds);
  const asked = orders.map((paid) => {
    const numberCountries = (connections.get(paid.shop.id) ?? []).flatMap(numberCountry);
    const forms = orderPhoneForms(paid.order, { shopCountry: paid.shop.country, numberCountries });
    const hashes = forms.map(({ digits }) => pipeline.index(paid.shop.id, 'phone', digits));
    return { ...paid, forms, hashes };
  });
  const known = await loadKnown(tx, asked, connections);
  const judged = asked.map((order) => ({ ...order, verdict: judge(pipeline, order, known) }));
  await saveDecisions(pipeline, tx, judged);
  const events = judged.flatMap((order) => newEvent(pipeline, order, known));
  await writeEvents(pipeline, tx, events);
}

/** `hashes`: of the forms, in their order. */
type Asked = PaidOrder & { forms: PhoneForm[]; hashes: ReturnType<Pipeline['index']>[] };
type Judged = Asked & { verdict: Verdict };

async function loadKnown(
  tx: Transaction,
  asked: readonly Asked[],
  connections: Known['connections'],
): Promise<Known> {
  const identities = asked.flatMap(({ shop, hashes }) => hashes.map((hash) => ({ shopId: shop.id, hash })));
  const owners = await findContacts(tx, identities);
  const rows = [...owners].map(([key, contactId]) => ({
    shopId: Number(key.split(' ')[0]) as ShopId,
    contactId,
  }));
  const facts = await loadContacts(tx, rows);
  const contacts = new Map(
    [...owners].flatMap(([key, contactId]) => {
      const contact = facts.get(contactId);
      return contact ? [[key, contact] as const] : [];
    }),
  );
  return { contacts, clicks: await loadClicks(tx, rows), connections };
}

/** All of one order's decisions; every one of them is made in domain/. */
function judge(pipeline: Pipeline, { shop, order, paidAt, forms, hashes }: Asked, known: Known): Verdict {
  const contactOf = new Map<PhoneDigits, KnownContact>();
  for (const [index, hash] of hashes.entries()) {
    const contact = known.contacts.get(identityKey({ shopId: shop.id, hash }));
    const form = forms[index];
    if (contact && form) contactOf.set(form.digits, contact);
  }
  const link = linkOrder({ order, forms, contactOf });
  if (link.kind === 'not_linked') {
    return { kind: 'not_attributed', reason: link.reason, evidence: [], contactId: null, click: null };
  }
  const linked: Linked = { evidence: link.evidence, contactId: link.contactId };
  const clicks = known.clicks.get(link.contactId) ?? [];
  const credit = creditClick({ placedAt: order.placedAt, clicks, windowDays: shop.settings.windowDays });
  if (credit.kind === 'no_credit')
    return { kind: 'not_attributed', reason: credit.reason, click: null, ...linked };

  const click = storedClick(clicks, credit.click);
  const connectionState = connectionOf(known, shop.id, click)?.state ?? 'disconnected';
  const { settings } = shop;
  const decision = decideReport({ order, paidAt, now: pipeline.clock(), click, settings, connectionState });
  if (decision.kind === 'withheld') return { kind: 'withheld', reason: decision.reason, click, ...linked };
  return { kind: 'report', click, decision, phones: matchedPhones(forms, contactOf, link), ...linked };
}

/** The order's own form of the number that matched, and WhatsApp's form where it differs. */
function matchedPhones(
  forms: readonly PhoneForm[],
  contactOf: ReadonlyMap<PhoneDigits, KnownContact>,
  link: { contactId: ContactId; evidence: Evidence[] },
): PhoneDigits[] {
  const chosen = link.evidence.find((evidence) => evidence.chosen);
  return forms
    .filter((form) => form.source === chosen?.source)
    .filter((form) => form.basis === 'same' || contactOf.get(form.digits)?.contactId === link.contactId)
    .map((form) => form.digits);
}

async function saveDecisions(pipeline: Pipeline, tx: Transaction, judged: readonly Judged[]): Promise<void> {
  const column = <T>(read: (row: Judged) => T): T[] => judged.map(read);
  await tx.$executeRaw(Prisma.sql`
    UPDATE orders o SET decision = d.decision::order_decision, reason = d.reason, contact_id = d.contact_id,
      referral_id = d.referral_id, evidence = d.evidence::jsonb, model = 'last_click', window_days = d.window_days,
      decided_at = ${pipeline.clock()}, paid_at = d.paid_at, paid_total = d.paid_total,
      paid_told_by = d.told_by::payment_source
    FROM unnest(${column((r) => r.shop.id)}::int[], ${column((r) => r.order.gid)}::text[],
      ${column((r) => r.verdict.kind)}::text[],
      ${column((r) => (r.verdict.kind === 'report' ? null : r.verdict.reason))}::text[],
      ${column((r) => r.verdict.contactId)}::uuid[], ${column((r) => r.verdict.click?.referralId ?? null)}::uuid[],
      ${column((r) => JSON.stringify(r.verdict.evidence))}::text[], ${column((r) => r.shop.settings.windowDays)}::int[],
      ${column((r) => r.paidAt)}::timestamptz[], ${column((r) => r.order.total.amount)}::numeric[],
      ${column((r) => r.toldBy)}::text[])
      AS d(shop_id, gid, decision, reason, contact_id, referral_id, evidence, window_days, paid_at, paid_total, told_by)
    WHERE o.shop_id = d.shop_id AND o.gid = d.gid`);
}

function newEvent(pipeline: Pipeline, { shop, order, verdict }: Judged, known: Known): NewEvent[] {
  if (verdict.kind !== 'report') return [];
  const connection = connectionOf(known, shop.id, verdict.click);
  if (!connection || verdict.click.sealedClickId === null) return [];
  const payload: ConversionEventPayload = buildPurchase({
    order,
    paidTotal: order.total,
    decision: verdict.decision,
    wabaId: connection.wabaId,
    clickId: pipeline.vault.open(
      verdict.click.sealedClickId,
      referralField(shop.id, verdict.click.messageKey, 'click_id'),
    ),
    phones: verdict.phones,
    settings: shop.settings,
  });
  const { eventName, channel, eventId, eventTime, deadline } = verdict.decision;
  return [
    {
      shopId: shop.id,
      subject: order.gid,
      eventName,
      channel,
      connectionId: connection.id,
      datasetId: connection.datasetId,
      eventId,
      eventTime,
      deadline,
      value: order.total,
      payload,
    },
  ];
}

function connectionOf(known: Known, shop: ShopId, click: Click): ConnectionFacts | undefined {
  return known.connections.get(shop)?.find((connection) => connection.id === click.connectionId);
}

function storedClick(clicks: readonly StoredClick[], chosen: Click): StoredClick {
  const click = clicks.find((candidate) => candidate.referralId === chosen.referralId);
  if (!click) throw new Error('the credited click is not one of the clicks that were offered');
  return click;
}

function numberCountry(connection: ConnectionFacts): string[] {
  const digits = phoneFromWhatsApp(connection.displayNumber.replace(/[^\d+]/g, ''));
  const country = digits && countryOfPhone(digits);
  return country ? [country] : [];
}
