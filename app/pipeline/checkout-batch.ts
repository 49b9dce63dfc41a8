import type { EventName } from '../domain/event-name.ts';
import type { ContactId, ShopId } from '../domain/ids.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { tellSignals, type ChatSignal } from './chat-signal.ts';
import type { KeptCheckout } from './checkouts.ts';
import { currentContacts } from './clues.ts';
import { holdContacts } from './contacts.ts';
import type { Pipeline } from './context.ts';
import { checkoutDraft } from './sealed.ts';
import { shopFacts, type ShopFacts } from './shop.ts';

const BATCH = 200;

type DueRow = {
  shopId: ShopId;
  hash: Uint8Array<ArrayBuffer>;
  contactId: ContactId;
  draft: string;
  startedAt: Date;
  beginDue: boolean;
  leftAt: Date | null;
};

/** Tells of checkouts that were begun, or left for as long as the shop waits. Returns how many it looked at. */
export async function checkoutBatch(pipeline: Pipeline): Promise<number> {
  const now = pipeline.clock();
  // The shops are found first: their contacts are held before any row is.
  const due = await pipeline.db.$queryRaw<{ shopId: ShopId }[]>(Prisma.sql`
    SELECT DISTINCT shop_id AS "shopId" FROM (
      (SELECT shop_id FROM checkouts WHERE begin_due_at <= ${now} ORDER BY begin_due_at LIMIT ${BATCH})
      UNION ALL (SELECT shop_id FROM checkouts WHERE leave_due_at <= ${now} ORDER BY leave_due_at LIMIT ${BATCH})) d`);
  if (due.length === 0) return 0;
  const shopIds = due.map(({ shopId }) => shopId);
  return pipeline.db.$transaction(async (tx) => {
    await holdContacts(tx, shopIds, 'shared');
    const rows = await takeDue(tx, shopIds, now);
    const contacts = rows.map(({ shopId, contactId }) => ({ shopId, contactId }));
    const current = await currentContacts(tx, contacts);
    const found = await tx.shop.findMany({ where: { id: { in: shopIds } } });
    const shops = new Map(found.map((shop) => [shop.id as ShopId, shopFacts(shop)]));
    await tellSignals(
      pipeline,
      tx,
      rows.flatMap((row) => {
        const shop = shops.get(row.shopId);
        const contactId = current.get(row.contactId);
        return shop && contactId ? signalsOf(pipeline, { ...row, contactId }, shop) : [];
      }),
    );
    return rows.length;
  });
}

/** Takes what is due off the list, with what it says as it was before. */
function takeDue(tx: Transaction, shopIds: readonly ShopId[], now: Date): Promise<DueRow[]> {
  return tx.$queryRaw<DueRow[]>(Prisma.sql`
    WITH due AS (
      SELECT c.* FROM checkouts c
      WHERE c.shop_id = ANY(${shopIds}::int[]) AND (c.begin_due_at <= ${now} OR c.leave_due_at <= ${now})
      ORDER BY c.shop_id, c.token_hash LIMIT ${BATCH} FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE checkouts c SET
      begin_due_at = CASE WHEN d.begin_due_at > ${now} THEN d.begin_due_at END,
      leave_due_at = CASE WHEN d.leave_due_at > ${now} THEN d.leave_due_at END,
      draft = CASE WHEN d.begin_due_at > ${now} OR d.leave_due_at > ${now} THEN d.draft ELSE '' END
    FROM due d WHERE c.shop_id = d.shop_id AND c.token_hash = d.token_hash
    RETURNING c.shop_id AS "shopId", c.token_hash AS hash, c.contact_id AS "contactId", d.draft,
      c.started_at AS "startedAt", d.begin_due_at <= ${now} AS "beginDue",
      CASE WHEN d.leave_due_at <= ${now} THEN d.leave_due_at END AS "leftAt"`);
}

function signalsOf({ vault }: Pick<Pipeline, 'vault'>, row: DueRow, shop: ShopFacts): ChatSignal[] {
  const hash = Buffer.from(row.hash).toString('hex');
  const { settings } = shop;
  const due: [EventName, Date][] = [
    ...(row.beginDue && settings.reportInitiateCheckout
      ? [['InitiateCheckout', row.startedAt] as [EventName, Date]]
      : []),
    ...(row.leftAt !== null && settings.reportCartAbandoned
      ? [['CartAbandoned', row.leftAt] as [EventName, Date]]
      : []),
  ];
  if (due.length === 0 || row.draft === '') return [];
  const kept = JSON.parse(vault.open(row.draft, checkoutDraft(shop.id, hash))) as KeptCheckout;
  const subject = `checkout:${hash}`;
  return due.map(([eventName, at]) => ({
    ...{ shop, contactId: row.contactId, eventName, source: 'checkout', subject, at },
    ...{ draft: kept.draft, value: kept.value, eventId: `tieback:${subject}:${eventName}` },
    consent: { said: kept.said, saleOptOut: null },
  }));
}
