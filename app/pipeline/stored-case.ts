import { isPaidStatus } from '../domain/graphql-order.ts';
import type { OrderGid, ShopId } from '../domain/ids.ts';
import type { PhoneState, StoredClue } from '../domain/clue.ts';
import type { Evidence, StaffLink } from '../domain/link.ts';
import type { Decision } from '../domain/order-state.ts';
import { isUnpaid } from '../domain/payment.ts';
import { provenanceOf, type Provenance } from '../domain/provenance.ts';
import type { BuyersConsent } from '../domain/report.ts';
import type { Settings } from '../domain/settings.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { loadClues } from './clues.ts';
import { bareDraft } from './draft.ts';
import { isFromDraft, type Case } from './judge.ts';
import { orderKey } from './orders.ts';
import { shopFacts, type ShopFacts } from './shop.ts';

/** An order as it stands. */
export type StandingOrder = {
  shopId: ShopId;
  gid: OrderGid;
  name: string;
  sourceName: string | null;
  test: boolean;
  currency: string;
  /** What was paid, else the total. */
  total: string;
  /** What it is worth after edits and refunds. */
  revenue: string;
  placedAt: Date;
  paidAt: Date | null;
  /** The earliest telling that showed it placed and not paid yet. */
  unpaidAt: Date | null;
  financialStatus: string | null;
  cancelledAt: Date | null;
  decision: Decision;
  reason: string | null;
  contactId: string | null;
  referralId: string | null;
  evidence: Evidence[];
  credits: { referralId: string; share: number }[];
  provenance: Provenance;
  phones: PhoneState;
  staffLink: StaffLink | null;
  draft: string | null;
  customerGid: string | null;
  consent: BuyersConsent['said'];
  /** Where the buyer is, as ISO codes. */
  country: string | null;
  state: string | null;
  shippedAt: Date | null;
  deliveredAt: Date | null;
  returnedAt: Date | null;
};
export type StandingCase = { row: StandingOrder; case: Case };

/** What `StandingOrder` is read from; `o` stands for orders. */
export const STANDING_ORDER = Prisma.sql`o.shop_id AS "shopId", o.gid, o.name, o.source_name AS "sourceName", o.test,
  o.currency, COALESCE(o.paid_total, o.total)::text AS total,
  COALESCE(o.current_total, o.paid_total, o.total)::text AS revenue, o.placed_at AS "placedAt", o.paid_at AS "paidAt",
  o.unpaid_at AS "unpaidAt", o.financial_status AS "financialStatus",
  o.cancelled_at AS "cancelledAt", o.decision::text AS decision, o.reason, o.contact_id AS "contactId",
  o.referral_id AS "referralId", o.evidence, o.credits, o.provenance::text AS provenance, o.phones::text AS phones,
  o.staff_link AS "staffLink", o.draft, o.customer_gid AS "customerGid", o.consent::text AS consent,
  o.country, o.state, o.shipped_at AS "shippedAt", o.delivered_at AS "deliveredAt", o.returned_at AS "returnedAt"`;

/**
 * Makes stored orders ready to be judged again, with the shops' settings of now or those given. An order of which
 * nothing is left to judge it by (its customer was forgotten, or it is from before clues were kept and was not linked)
 * is left out: it stays as it is.
 */
export async function casesOf(
  tx: Transaction,
  rows: readonly StandingOrder[],
  settings?: Settings,
): Promise<StandingCase[]> {
  if (rows.length === 0) return [];
  const ids = [...new Set(rows.map(({ shopId }) => shopId))];
  const shops = await tx.shop.findMany({ where: { id: { in: ids } } });
  const facts = new Map(
    shops.map((shop) => [shop.id as ShopId, { ...shopFacts(shop), ...(settings && { settings }) }]),
  );
  const clues = await loadClues(tx, rows);
  return rows.flatMap((row) => {
    const shop = facts.get(row.shopId);
    const kept = clues.get(orderKey(row.shopId, row.gid)) ?? [];
    return shop && !isBare(row, kept) ? [{ row, case: toCase(row, shop, kept) }] : [];
  });
}

/**
 * The case of an order's OrderCreated; null for one that was paid at checkout, as far as is known, or that is closed
 * without a payment.
 */
export function placedCase({ row, case: one }: StandingCase): Case | null {
  const { paidAt, unpaidAt, financialStatus, placedAt } = row;
  const wasUnpaid = unpaidAt !== null && (paidAt === null || unpaidAt <= paidAt);
  const isOpen = paidAt !== null || isUnpaid(financialStatus) || isPaidStatus(financialStatus);
  return wasUnpaid && isOpen ? { ...one, eventName: 'OrderCreated', at: placedAt } : null;
}

function isBare(
  { staffLink, contactId, phones, decision }: StandingOrder,
  clues: readonly StoredClue[],
): boolean {
  const wasLinked = decision === 'report' || decision === 'withheld';
  return clues.length === 0 && staffLink === null && contactId === null && (phones === 'given' || wasLinked);
}

function toCase(row: StandingOrder, shop: ShopFacts, clues: readonly StoredClue[]): Case {
  const { gid, sourceName, test, placedAt, paidAt, cancelledAt } = row;
  const total = { amount: row.total, currency: row.currency };
  // What its events would say is sealed; whoever opens it says more of it.
  const order = { legacyId: legacyIdOf(gid), test, total, placedAt, cancelledAt, checkoutToken: null };
  const bare = bareDraft({ order, shop, customerGid: row.customerGid });
  return {
    shop,
    gid,
    eventName: paidAt === null ? 'OrderCreated' : 'Purchase',
    at: paidAt ?? placedAt,
    order,
    region: { country: row.country, state: row.state },
    customerGid: row.customerGid,
    consent: row.consent,
    phones: row.phones,
    clues,
    fromDraft: isFromDraft(sourceName),
    staff: row.staffLink,
    kept: clues.length === 0 ? keptLink(row) : null,
    provenanceBy: (signal) => (dependsOnSignal(row) ? originOf(row, signal) : row.provenance),
    draftBy: () => bare,
  };
}

/** The id at the end of an order's gid. */
export function legacyIdOf(gid: string): string {
  return gid.slice(gid.lastIndexOf('/') + 1);
}

// Before clues were kept, the link itself is all that is known; what a person says of it goes before it.
function keptLink({ contactId, evidence, staffLink }: StandingOrder): Case['kept'] {
  const byHand = staffLink !== null || evidence.some(({ chosen, signal }) => chosen && signal === 'staff');
  if (contactId === null || byHand) return null;
  const link = { kind: 'linked', signal: 'order_phone', strength: 'strong', disagreement: false } as const;
  return { ...link, contactId: contactId as NonNullable<Case['kept']>['contactId'], evidence };
}

const dependsOnSignal = ({ provenance }: StandingOrder): boolean =>
  provenance === 'online_store' || provenance === 'other_channel' || provenance === 'chat_link';

// The app, gateways and tags are not kept: what they decided is the provenance that does not depend on the signal.
function originOf(row: StandingOrder, signal: Parameters<Case['provenanceBy']>[0]): Provenance {
  if (signal !== 'chat_link' && row.provenance !== 'chat_link') return row.provenance;
  const { sourceName, test, total } = row;
  const origin = { sourceName, test, total, appId: null, gateways: [], tags: [], hasCheckout: true };
  return provenanceOf(origin, signal).provenance;
}
