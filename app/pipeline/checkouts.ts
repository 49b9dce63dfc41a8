import { draftOfCheckout, type Checkout } from '../domain/checkout.ts';
import type { DraftEvent } from '../domain/conversion-event.ts';
import type { ContactId, ShopId } from '../domain/ids.ts';
import { linkOrder } from '../domain/link.ts';
import type { Money, Order } from '../domain/order.ts';
import type { PhoneDigits } from '../domain/phone.ts';
import type { Settings } from '../domain/settings.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { clueKey, countBuyers, findOwners, numberHints, readClues } from './clues.ts';
import type { FreshClue, Owner } from './clues.ts';
import type { Pipeline } from './context.ts';
import { loadNumbers } from './evidence.ts';
import { checkoutDraft } from './sealed.ts';
import type { ShopFacts } from './shop.ts';

/** One telling of a checkout. */
export type ToldCheckout = { shop: ShopFacts; checkout: Checkout };
/** What is kept of a checkout until it is told. */
export type KeptCheckout = {
  draft: DraftEvent;
  value: Money | null;
  said: Order['consent'];
  /** Whom Shopify may be asked about, and where the buyer is: the country's code. */
  customerGid: string | null;
  country: string | null;
};
type Row = ToldCheckout & { hash: Buffer<ArrayBuffer>; contactId: ContactId | null; sealed: string };

// Later changes of a checkout may still add the phone number, and what Meta is told of the person.
const BEGIN_AFTER_MS = 5 * 60_000;
const HOUR_MS = 60 * 60_000;

/** Whether a shop tells of checkouts at all. */
export function tellsOfCheckouts({ settings }: { settings: Settings }): boolean {
  return settings.reportInitiateCheckout || settings.reportCartAbandoned;
}

/**
 * Keeps checkouts that belong to a conversation until they are told. They are linked like orders, but none of their clues
 * are kept. The shops' contacts must be held.
 */
export async function saveCheckouts(
  pipeline: Pipeline,
  tx: Transaction,
  told: readonly ToldCheckout[],
): Promise<void> {
  const hashed = told
    .filter(({ shop }) => tellsOfCheckouts(shop))
    .map((one) => ({
      ...one,
      hash: pipeline.index(one.shop.id, 'checkout', one.checkout.token),
    }));
  if (hashed.length === 0) return;
  const latest = [...Map.groupBy(hashed, rowKey).values()].flatMap((group) => newestOf(group));
  const rows = (await link(pipeline, tx, latest)).toSorted(byRow);
  await lockKnown(tx, rows);
  await insertLinked(
    tx,
    rows.filter(({ contactId }) => contactId !== null),
    pipeline.clock(),
  );
  await updateKnown(
    tx,
    rows.filter(({ contactId }) => contactId === null),
    pipeline.clock(),
  );
  await forgetTold(tx, rows);
}

type Hashed = ToldCheckout & { hash: Buffer<ArrayBuffer> };

/** The sequence in which the database puts the same rows: whoever locks several does so in it. */
const byRow = (a: { shop: ShopFacts; hash: Buffer }, b: { shop: ShopFacts; hash: Buffer }): number =>
  a.shop.id - b.shop.id || Buffer.compare(a.hash, b.hash);

const rowKey = ({ shop, hash }: { shop: ShopFacts; hash: Buffer }): string =>
  `${shop.id} ${hash.toString('hex')}`;

/** Shopify promises no sequence of deliveries; once completed a checkout stays so. */
function newestOf(group: readonly Hashed[]): Hashed[] {
  const [newest] = group.toSorted(
    (a, b) => b.checkout.order.updatedAt.getTime() - a.checkout.order.updatedAt.getTime(),
  );
  const completed = group.some(({ checkout }) => checkout.completed);
  return newest === undefined ? [] : [{ ...newest, checkout: { ...newest.checkout, completed } }];
}

async function link(pipeline: Pipeline, tx: Transaction, told: readonly Hashed[]): Promise<Row[]> {
  const numbers = await loadNumbers(
    tx,
    told.map(({ shop }) => shop.id),
  );
  const read = told.map((one) => {
    const hints = numbers.get(one.shop.id)?.hints ?? numberHints([]);
    const { order } = one.checkout;
    return { ...one, ...readClues(pipeline, one.shop, order, hints) };
  });
  const asked = read.flatMap(({ shop, clues }) => clues.map((clue) => ({ ...clue, shopId: shop.id })));
  const owners = await findOwners(tx, asked);
  const buyers = await countBuyers(tx, asked, owners);
  return read.map(({ clues, phones, ...one }) => {
    const { shop, hash, checkout } = one;
    const found = clues.map((clue) => {
      const key = clueKey(shop.id, clue.hash);
      const known = clue.kind === 'reference' ? 0 : Math.max(buyers.get(key) ?? 0, 1);
      return { ...clue, buyers: known, found: owners.get(key) ?? null };
    });
    const { phoneLimit } = shop.settings;
    const outcome = linkOrder({ phones, fromDraft: false, clues: found, staff: null, phoneLimit });
    const contactId = outcome.kind === 'linked' ? outcome.contactId : null;
    const kept = keptOf(one, buyersPhones(shop.id, { clues, owners, contactId }));
    const binding = checkoutDraft(shop.id, hash.toString('hex'));
    return { ...one, checkout, contactId, sealed: pipeline.vault.seal(JSON.stringify(kept), binding) };
  });
}

function keptOf({ shop, checkout }: ToldCheckout, phones: readonly PhoneDigits[]): KeptCheckout {
  const draft = draftOfCheckout(checkout, shop.settings, phones);
  const { value, currency } = draft.order ?? {};
  const worth = value === undefined || currency === undefined ? null : { amount: String(value), currency };
  const { consent: said, customerGid, region } = checkout.order;
  return { draft, value: worth, said, customerGid, country: region.country };
}

/** The first number that is no other's as it was written, and WhatsApp's form of it where that is the contact's. */
function buyersPhones(
  shopId: ShopId,
  found: { clues: readonly FreshClue[]; owners: ReadonlyMap<string, Owner>; contactId: ContactId | null },
): PhoneDigits[] {
  const phones = found.clues.filter(({ kind, barred }) => kind === 'phone' && barred === null);
  const isTheirs = ({ hash }: FreshClue): boolean =>
    found.contactId !== null && found.owners.get(clueKey(shopId, hash))?.contactId === found.contactId;
  const source = (phones.find(isTheirs) ?? phones[0])?.source;
  return phones
    .filter((phone) => phone.source === source && (phone.basis === 'same' || isTheirs(phone)))
    .map(({ value }) => value as PhoneDigits);
}

/** When each is due that the shop wants told, by what is known of the checkout now. */
function dueOf({ shop: { settings }, checkout }: Row, now: Date): { begin: Date | null; leave: Date | null } {
  const { completed, order } = checkout;
  const begin = new Date(now.getTime() + (completed ? 0 : BEGIN_AFTER_MS));
  const leave = new Date(order.updatedAt.getTime() + settings.cartAbandonedHours * HOUR_MS);
  return {
    begin: settings.reportInitiateCheckout ? begin : null,
    leave: settings.reportCartAbandoned && !completed ? leave : null,
  };
}

/** In one order, as those who complete checkouts take them: nobody waits for who waits for them. */
async function lockKnown(tx: Transaction, rows: readonly Row[]): Promise<void> {
  await tx.$queryRaw(Prisma.sql`
    SELECT 1 FROM unnest(${rows.map(({ shop }) => shop.id)}::int[], ${rows.map(({ hash }) => hash)}::bytea[])
      AS n(shop_id, token_hash)
    JOIN checkouts c ON c.shop_id = n.shop_id AND c.token_hash = n.token_hash
    ORDER BY c.shop_id, c.token_hash FOR NO KEY UPDATE OF c`);
}

async function insertLinked(tx: Transaction, rows: readonly Row[], now: Date): Promise<void> {
  if (rows.length === 0) return;
  const column = <T>(read: (row: Row) => T): T[] => rows.map(read);
  // A row without a contact stands for an order that came before its checkout was heard of.
  await tx.$executeRaw(Prisma.sql`
    INSERT INTO checkouts AS c
      (shop_id, token_hash, contact_id, draft, started_at, changed_at, begin_due_at, leave_due_at, completed_at)
    SELECT * FROM unnest(${column((r) => r.shop.id)}::int[], ${column((r) => r.hash)}::bytea[],
      ${column((r) => r.contactId)}::uuid[], ${column((r) => r.sealed)}::text[],
      ${column((r) => r.checkout.order.createdAt)}::timestamptz[],
      ${column((r) => r.checkout.order.updatedAt)}::timestamptz[], ${column((r) => dueOf(r, now).begin)}::timestamptz[],
      ${column((r) => dueOf(r, now).leave)}::timestamptz[], ${column((r) => (r.checkout.completed ? now : null))}::timestamptz[])
    ON CONFLICT (shop_id, token_hash) DO UPDATE SET contact_id = EXCLUDED.contact_id, draft = EXCLUDED.draft,
      started_at = LEAST(c.started_at, EXCLUDED.started_at), changed_at = EXCLUDED.changed_at,
      completed_at = COALESCE(c.completed_at, EXCLUDED.completed_at),
      begin_due_at = CASE
        WHEN c.contact_id IS NULL AND EXCLUDED.begin_due_at IS NOT NULL THEN ${now}
        WHEN c.contact_id IS NULL THEN NULL
        WHEN EXCLUDED.completed_at IS NULL THEN c.begin_due_at
        WHEN c.begin_due_at IS NOT NULL THEN LEAST(c.begin_due_at, EXCLUDED.begin_due_at) END,
      leave_due_at = CASE WHEN c.completed_at IS NULL THEN EXCLUDED.leave_due_at END
    WHERE c.contact_id IS NULL OR EXCLUDED.changed_at >= c.changed_at`);
}

/** Changes of checkouts that name nobody any more, or never did: those are kept that were linked before. */
async function updateKnown(tx: Transaction, rows: readonly Row[], now: Date): Promise<void> {
  if (rows.length === 0) return;
  const column = <T>(read: (row: Row) => T): T[] => rows.map(read);
  await tx.$executeRaw(Prisma.sql`
    WITH told AS (
      SELECT c.shop_id, c.token_hash, n.draft, n.changed_at, n.leave_due_at, n.completed
      FROM unnest(${column((r) => r.shop.id)}::int[], ${column((r) => r.hash)}::bytea[], ${column((r) => r.sealed)}::text[],
        ${column((r) => r.checkout.order.updatedAt)}::timestamptz[], ${column((r) => dueOf(r, now).leave)}::timestamptz[],
        ${column((r) => r.checkout.completed)}::boolean[])
        AS n(shop_id, token_hash, draft, changed_at, leave_due_at, completed)
      JOIN checkouts c ON c.shop_id = n.shop_id AND c.token_hash = n.token_hash
        AND c.contact_id IS NOT NULL AND n.changed_at >= c.changed_at
      ORDER BY c.shop_id, c.token_hash FOR NO KEY UPDATE OF c
    )
    UPDATE checkouts c SET draft = t.draft, changed_at = t.changed_at,
      completed_at = COALESCE(c.completed_at, CASE WHEN t.completed THEN ${now}::timestamptz END),
      begin_due_at = CASE WHEN t.completed AND c.begin_due_at > ${now} THEN ${now} ELSE c.begin_due_at END,
      leave_due_at = CASE WHEN c.completed_at IS NULL THEN t.leave_due_at END
    FROM told t WHERE c.shop_id = t.shop_id AND c.token_hash = t.token_hash`);
}

/** Of a checkout of which nothing is left to tell, what it said goes. */
async function forgetTold(
  tx: Transaction,
  rows: readonly { shop: ShopFacts; hash: Buffer<ArrayBuffer> }[],
): Promise<void> {
  await tx.$executeRaw(Prisma.sql`
    UPDATE checkouts c SET draft = ''
    FROM unnest(${rows.map(({ shop }) => shop.id)}::int[], ${rows.map(({ hash }) => hash)}::bytea[]) AS n(shop_id, token_hash)
    WHERE c.shop_id = n.shop_id AND c.token_hash = n.token_hash AND c.begin_due_at IS NULL AND c.leave_due_at IS NULL`);
}

/**
 * Ends the checkouts of orders that were told of: they were not left. What was begun is told at once. An order may come
 * before its checkout does, which is remembered. The shops' contacts must be held.
 */
export async function completeCheckouts(
  pipeline: Pick<Pipeline, 'index' | 'clock'>,
  tx: Transaction,
  told: readonly { shop: ShopFacts; order: Pick<Order, 'checkoutToken'> }[],
): Promise<void> {
  const keys = told.flatMap(({ shop, order: { checkoutToken } }) =>
    checkoutToken === null || !tellsOfCheckouts(shop)
      ? []
      : [{ shop, hash: pipeline.index(shop.id, 'checkout', checkoutToken) }],
  );
  if (keys.length === 0) return;
  const rows = [...new Map(keys.map((key) => [rowKey(key), key])).values()].toSorted(byRow);
  const now = pipeline.clock();
  await tx.$executeRaw(Prisma.sql`
    INSERT INTO checkouts AS c (shop_id, token_hash, draft, started_at, changed_at, completed_at)
    SELECT shop_id, token_hash, '', ${now}, ${now}, ${now}
    FROM unnest(${rows.map(({ shop }) => shop.id)}::int[], ${rows.map(({ hash }) => hash)}::bytea[]) AS n(shop_id, token_hash)
    ON CONFLICT (shop_id, token_hash) DO UPDATE SET completed_at = COALESCE(c.completed_at, ${now}), leave_due_at = NULL,
      begin_due_at = CASE WHEN c.begin_due_at > ${now} THEN ${now} ELSE c.begin_due_at END,
      draft = CASE WHEN c.begin_due_at IS NULL THEN '' ELSE c.draft END`);
}
