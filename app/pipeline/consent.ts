import type { OrderGid, ShopId } from '../domain/ids.ts';
import type { WithheldReason } from '../domain/reason.ts';
import { MOST_CUSTOMERS, readSaleOptOuts } from '../platforms/shopify/admin-customers.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { takeLease, type Lease } from '../storage/lease.ts';
import type { OpenAdmin } from './admin-access.ts';
import type { Pipeline } from './context.ts';
import { ANSWER_WAIT_MS } from './customer-answers.ts';
import { IS_DECIDED, LATE_EVIDENCE_MS } from './reconsider-mark.ts';

type AskedShop = { shopId: ShopId; domain: string };
type AskedCustomer = { customerGid: string; askedAt: Date; saleOptOut: boolean | null };
type Answered = { customerGid: string; saleOptOut: boolean; before: boolean | null };

const OPTED_OUT: WithheldReason = 'data_sale_opt_out';
/** How many shops one round asks about. */
const SHOPS = 16;
// How long a shop is left alone by whom Shopify does not answer; while it is asked, it is asked once.
const HOLD_MS = 30_000;

/**
 * Asks Shopify about the buyers whose events wait for its word on whether they opted out of the sale of their data. The
 * events of one who did are decided again, the others' leave at once. When Shopify cannot be asked (the app's token is
 * gone, Shopify fails, the scope is missing), events are not kept for ever: each goes when its ten minutes are over,
 * limited only by the shop's settings. Any number of workers may do it at once. Returns how many buyers were answered for.
 */
export async function consentBatch(pipeline: Pipeline, openAdmin: OpenAdmin): Promise<number> {
  const answered = await Promise.all(
    (await askedShops(pipeline)).map((shop) => askAbout(pipeline, openAdmin, shop)),
  );
  const count = answered.reduce((sum, each) => sum + each, 0);
  if (count > 0) pipeline.bell.ring();
  return count;
}

function askedShops({ db, clock }: Pipeline): Promise<AskedShop[]> {
  const since = new Date(clock().getTime() - ANSWER_WAIT_MS);
  return db.$queryRaw<AskedShop[]>(Prisma.sql`
    SELECT s.id AS "shopId", s.domain
    FROM (SELECT shop_id, min(asked_at) AS since FROM customer_consents
      WHERE answered_at IS NULL AND asked_at > ${since} GROUP BY shop_id) waiting
    JOIN shops s ON s.id = waiting.shop_id AND s.uninstalled_at IS NULL
    WHERE NOT EXISTS (SELECT FROM leases l WHERE l.name = 'consent:' || s.domain AND l.until > clock_timestamp())
    -- Who has waited longest, so that busy shops hold up nobody.
    ORDER BY waiting.since, s.id LIMIT ${SHOPS}`);
}

async function askAbout(pipeline: Pipeline, openAdmin: OpenAdmin, shop: AskedShop): Promise<number> {
  const lease = await takeLease(pipeline.db, `consent:${shop.domain}`, HOLD_MS);
  if (lease === null) return 0;
  try {
    return await ask(pipeline, openAdmin, shop, lease);
  } catch (error) {
    // The lease runs out by itself, so that the shop is not asked about again at once.
    pipeline.log.error({ err: error, shop: shop.domain }, 'Shopify could not be asked about customers');
    return 0;
  }
}

async function ask(
  pipeline: Pipeline,
  openAdmin: OpenAdmin,
  { shopId, domain }: AskedShop,
  lease: Lease,
): Promise<number> {
  const asked = await pipeline.db.customerConsent.findMany({
    where: {
      shopId,
      answeredAt: null,
      askedAt: { gt: new Date(pipeline.clock().getTime() - ANSWER_WAIT_MS) },
    },
    select: { customerGid: true, askedAt: true, saleOptOut: true },
    orderBy: { askedAt: 'asc' },
    take: MOST_CUSTOMERS,
  });
  if (asked.length === 0) return 0;
  const access = await openAdmin(domain);
  if (access.kind !== 'open') {
    pipeline.log.warn({ shop: domain, problem: access.problem }, 'Shopify cannot be asked about customers');
    return 0;
  }
  const answer = await readSaleOptOuts(
    access.client,
    asked.map(({ customerGid }) => customerGid),
  );
  if (answer.kind !== 'answered') {
    const problem = answer.kind === 'unauthorized' ? 'the token is not known any more' : answer.problem;
    pipeline.log.warn({ shop: domain, problem }, 'Shopify did not say who opted out of the sale of data');
    return 0;
  }
  await pipeline.db.$transaction((tx) => store(pipeline, tx, { shopId, asked, said: answer.data }));
  await lease.release();
  return asked.length;
}

/**
 * Writes down what Shopify said, and lets go what waited for it. Of a customer whom Shopify does not know any more nothing
 * more will be said: they count as not opted out.
 */
async function store(
  pipeline: Pipeline,
  tx: Transaction,
  { shopId, asked, said }: { shopId: ShopId; asked: readonly AskedCustomer[]; said: Map<string, boolean> },
): Promise<void> {
  const now = pipeline.clock();
  // Orders, then what was said, then events: as everybody locks them.
  const orders = await lockOrders(tx, shopId, { asked, since: new Date(now.getTime() - LATE_EVIDENCE_MS) });
  const answers = await saveAnswers(tx, shopId, { asked, said, now });
  const isChanged = new Set(
    answers
      .filter(({ saleOptOut, before }) => saleOptOut || before === true)
      .map(({ customerGid }) => customerGid),
  );
  const isAnswered = new Set(answers.map(({ customerGid }) => customerGid));
  const changed = orders.filter(({ customerGid }) => isChanged.has(customerGid));
  const free = orders.filter(({ customerGid }) => isAnswered.has(customerGid) && !isChanged.has(customerGid));
  await tx.$executeRaw(Prisma.sql`
    UPDATE orders o SET reconsider = true
    WHERE o.shop_id = ${shopId} AND o.gid = ANY(${changed.map(({ gid }) => gid)}) AND ${IS_DECIDED}`);
  // Nothing leaves as it was decided before the word came: it is written anew, or never sent.
  await tx.$executeRaw(Prisma.sql`
    UPDATE conversion_events e SET next_attempt_at = e.deadline
    WHERE e.shop_id = ${shopId} AND e.subject = ANY(${changed.map(({ gid }) => gid)}) AND ${IS_UNTRIED}`);
  await tx.$executeRaw(Prisma.sql`
    UPDATE conversion_events e SET next_attempt_at = ${now}
    WHERE e.shop_id = ${shopId} AND e.subject = ANY(${free.map(({ gid }) => gid)}) AND ${IS_UNTRIED}
      AND e.next_attempt_at > ${now}`);
}

const IS_UNTRIED = Prisma.sql`e.state = 'due' AND e.attempts = 0`;

/** The orders of these customers with an event that has not left, or that were kept back because of them. */
function lockOrders(
  tx: Transaction,
  shopId: ShopId,
  { asked, since }: { asked: readonly AskedCustomer[]; since: Date },
): Promise<{ gid: OrderGid; customerGid: string }[]> {
  const customers = asked.map(({ customerGid }) => customerGid);
  const mayReturn = asked.some(({ saleOptOut }) => saleOptOut === true);
  return tx.$queryRaw(Prisma.sql`
    SELECT o.gid, o.customer_gid AS "customerGid" FROM orders o
    WHERE o.shop_id = ${shopId} AND o.customer_gid = ANY(${customers}) AND o.gid IN (
      SELECT e.subject FROM connections c JOIN conversion_events e ON e.connection_id = c.id AND e.state = 'due'
        AND e.attempts = 0
      WHERE c.shop_id = ${shopId}
      UNION ALL
      SELECT w.gid FROM orders w WHERE ${mayReturn} AND w.shop_id = ${shopId} AND w.placed_at >= ${since}
        AND w.reason = ${OPTED_OUT})
    ORDER BY o.shop_id, o.gid FOR NO KEY UPDATE`);
}

/** Who is being asked about anew meanwhile stays asked: the event that this was for may not be seen yet. */
function saveAnswers(
  tx: Transaction,
  shopId: ShopId,
  { asked, said, now }: { asked: readonly AskedCustomer[]; said: Map<string, boolean>; now: Date },
): Promise<Answered[]> {
  return tx.$queryRaw(Prisma.sql`
    WITH answers AS (
      SELECT * FROM unnest(${asked.map((a) => a.customerGid)}::text[], ${asked.map((a) => a.askedAt)}::timestamptz[],
        ${asked.map((a) => said.get(a.customerGid) ?? false)}::boolean[]) AS a(gid, asked_at, opted_out)
    ), open AS (
      SELECT c.customer_gid, c.sale_opt_out AS before, a.opted_out
      FROM answers a JOIN customer_consents c ON c.shop_id = ${shopId} AND c.customer_gid = a.gid
        AND c.answered_at IS NULL AND c.asked_at = a.asked_at
      ORDER BY c.customer_gid FOR UPDATE OF c
    )
    UPDATE customer_consents c SET answered_at = ${now}, sale_opt_out = o.opted_out
    FROM open o WHERE c.shop_id = ${shopId} AND c.customer_gid = o.customer_gid
    RETURNING c.customer_gid AS "customerGid", c.sale_opt_out AS "saleOptOut", o.before`);
}
