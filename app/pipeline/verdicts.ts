import { Prisma, type Transaction } from '../storage/database.ts';
import type { Payment } from './apply-orders.ts';
import type { Pipeline } from './context.ts';
import { linkedContact, type Case, type Verdict } from './judge.ts';

export type Judged = { case: Case; verdict: Verdict };
export type Decided = Judged & {
  /** A payment that is new; null when what is stored stays. */
  payment: Payment | null;
  /** Whether Meta was told already, or may have been: decision and reason stay then. */
  told: boolean;
  /** Sealed: what an event would say, should one be written later. */
  draft: string | null;
};

/** Writes down how orders were decided. An order that is not paid yet keeps its link alone: it stays pending. */
export async function saveVerdicts(
  pipeline: Pick<Pipeline, 'clock'>,
  tx: Transaction,
  decided: readonly Decided[],
): Promise<void> {
  if (decided.length === 0) return;
  const now = pipeline.clock();
  const rows = decided.map((one) => ({ ...one, ...outcomeOf(one) }));
  const column = <T>(read: (row: (typeof rows)[number]) => T): T[] => rows.map(read);
  await tx.$executeRaw(Prisma.sql`
    UPDATE orders o SET decision = COALESCE(d.decision::order_decision, o.decision),
      reason = CASE WHEN d.decision IS NULL THEN o.reason ELSE d.reason END,
      decided_at = CASE WHEN d.decision IS NULL THEN o.decided_at WHEN d.decision <> 'pending' THEN ${now}::timestamptz END,
      contact_id = d.contact_id, referral_id = d.referral_id, evidence = d.evidence::jsonb, credits = d.credits::jsonb,
      model = d.model, window_days = d.window_days, provenance = d.provenance::provenance,
      phones = d.phones::phone_reading, draft = d.draft, reconsider = false,
      paid_at = COALESCE(d.paid_at, o.paid_at), paid_total = COALESCE(d.paid_total, o.paid_total),
      paid_told_by = COALESCE(d.told_by::payment_source, o.paid_told_by)
    FROM unnest(${column((r) => r.case.shop.id)}::int[], ${column((r) => r.case.gid)}::text[],
      ${column((r) => r.decision)}::text[], ${column((r) => r.reason)}::text[],
      ${column((r) => linkedContact(r.verdict))}::uuid[],
      ${column((r) => r.verdict.click?.referralId ?? null)}::uuid[],
      ${column((r) => JSON.stringify(r.verdict.link.evidence))}::text[],
      ${column((r) => JSON.stringify(storedCredits(r.verdict)))}::text[],
      ${column((r) => r.case.shop.settings.model)}::text[], ${column((r) => r.case.shop.settings.windowDays)}::int[],
      ${column((r) => r.verdict.provenance)}::text[], ${column((r) => r.case.phones)}::text[],
      ${column((r) => r.draft)}::text[], ${column((r) => r.payment?.paidAt ?? null)}::timestamptz[],
      ${column((r) => (r.payment ? r.case.order.total.amount : null))}::numeric[],
      ${column((r) => r.payment?.toldBy ?? null)}::text[])
      AS d(shop_id, gid, decision, reason, contact_id, referral_id, evidence, credits, model, window_days, provenance,
        phones, draft, paid_at, paid_total, told_by)
    WHERE o.shop_id = d.shop_id AND o.gid = d.gid`);
}

/** A verdict's shares of the credit as they are stored. */
export function storedCredits({ credits }: Verdict): { referralId: string; share: number }[] {
  return credits.map(({ click, share }) => ({ referralId: click.referralId, share }));
}

function outcomeOf({ case: one, verdict, told }: Decided): {
  decision: string | null;
  reason: string | null;
} {
  if (told) return { decision: null, reason: null };
  if (one.eventName === 'OrderCreated') return { decision: 'pending', reason: null };
  return { decision: verdict.kind, reason: verdict.reason };
}
