import { setTimeout as delay } from 'node:timers/promises';
import type { Shop } from '../../prisma/generated/client.ts';
import { isPaidStatus, paymentTimeOf, readGraphqlOrder, type GraphqlOrder } from '../domain/graphql-order.ts';
import type { ShopId } from '../domain/ids.ts';
import { listOrders, readOrders, WHOLE_ORDERS, type ListedOrder } from '../platforms/shopify/admin-orders.ts';
import type { AdminAnswer, AdminClient, AdminFailure } from '../platforms/shopify/admin-client.ts';
import { takeLease, type Lease } from '../storage/lease.ts';
import type { OpenAdmin } from './admin-access.ts';
import { applyOrders, type ToldOrder } from './apply-orders.ts';
import { captureBatch } from './capture.ts';
import type { Pipeline } from './context.ts';
import { shopFacts, type ShopFacts } from './shop.ts';

export type Reconciled = {
  /** Orders that Shopify listed as changed. */
  lookedAt: number;
  /** Those that were missing here, older here, or paid without our knowing. */
  healed: number;
  /** Everything that changed until then has been compared. */
  cursor: Date;
};
export type Reconciliation =
  | ({ kind: 'done' } & Reconciled)
  /** What was compared is kept; the next run goes on from its cursor. */
  | ({ kind: 'stopped'; problem: string } & Reconciled)
  /** Nothing was compared. */
  | { kind: 'skipped'; problem: string };

const DAY_MS = 24 * 60 * 60_000;
// Shopify finds a changed order some time after the change.
const OVERLAP_MS = 10 * 60_000;
// Orders older than 60 days need a scope of their own (https://shopify.dev/docs/api/usage/access-scopes).
const REACH_MS = 60 * DAY_MS;
// Longer than a question and its waiting usually take; should a second run begin all the same, it does no harm.
const HOLD_MS = 2 * 60_000;
// Pages of one question reach 25,000 orders (https://shopify.dev/docs/api/usage/limits).
const PAGES_OF_ONE_QUESTION = 400;

/**
 * Compares a shop's orders with Shopify's own list, from where the last run ended, and makes good what webhooks did not
 * bring: every order goes the way of a delivery. One run for a shop at a time. `until` ends a run early.
 */
export async function reconcileShop(
  pipeline: Pipeline,
  openAdmin: OpenAdmin,
  shop: Shop,
  until: () => boolean = () => false,
): Promise<Reconciliation> {
  const lease = await takeLease(pipeline.db, `reconcile:${shop.domain}`, HOLD_MS);
  if (lease === null) return { kind: 'skipped', problem: 'another run for this shop is under way' };
  try {
    const access = await openAdmin(shop.domain);
    if (access.kind !== 'open') return { kind: 'skipped', problem: access.problem };
    return await sweep(pipeline, access.client, shop, { lease, until });
  } finally {
    await lease.release();
  }
}

/**
 * From when on a shop's orders are compared: from its installation, or from the first order it told of before; at most
 * as far back as Shopify lets an app look. It stays once the first run has begun with it.
 */
export async function reconciledSince(
  { db, clock }: Pick<Pipeline, 'db' | 'clock'>,
  shop: Shop,
): Promise<Date> {
  const stored = await db.reconciliation.findUnique({ where: { shopId: shop.id } });
  if (stored) return stored.since;
  const { _min } = await db.order.aggregate({ where: { shopId: shop.id }, _min: { placedAt: true } });
  const first = Math.min(shop.installedAt.getTime(), _min.placedAt?.getTime() ?? Infinity);
  return new Date(Math.max(first, clock().getTime() - REACH_MS));
}

async function sweep(
  pipeline: Pipeline,
  client: AdminClient,
  shop: Shop,
  { lease, until }: { lease: Lease; until: () => boolean },
): Promise<Reconciliation> {
  const run = await startRun(pipeline, shop);
  let { since } = run;
  let after: string | null = null;
  const stopped = (problem: string): Reconciliation => ({ kind: 'stopped', problem, ...run.result });
  for (let page = 1; ; page += 1) {
    if (until()) return stopped('the run was ended; the next one goes on');
    if (!(await lease.renew())) return stopped('another run for this shop is under way');
    const answer = await listOrders(client, { since, after });
    if (answer.kind !== 'answered') return stopped(problemOf(answer));
    const { orders, next } = answer.data;
    const healed = await heal(pipeline, client, shop, { listed: orders, lease });
    if (healed.kind !== 'answered') return stopped(problemOf(healed));
    const cursor = new Date(
      Math.max(run.result.cursor.getTime(), ...orders.map((o) => o.updatedAt.getTime())),
    );
    run.result = {
      lookedAt: run.result.lookedAt + orders.length,
      healed: run.result.healed + healed.data,
      cursor,
    };
    await pipeline.db.reconciliation.update({
      where: { shopId: shop.id },
      data: { cursor, ranAt: pipeline.clock() },
    });
    if (next === null) return { kind: 'done', ...run.result };
    const asksAnew = page % PAGES_OF_ONE_QUESTION === 0 && cursor > since;
    if (asksAnew) since = cursor;
    after = asksAnew ? null : next;
  }
}

async function startRun(pipeline: Pipeline, shop: Shop): Promise<{ since: Date; result: Reconciled }> {
  const { db, clock } = pipeline;
  const since = await reconciledSince(pipeline, shop);
  const { cursor } = await db.reconciliation.upsert({
    where: { shopId: shop.id },
    create: { shopId: shop.id, since, cursor: since, ranAt: clock() },
    update: { ranAt: clock() },
  });
  return { since: new Date(cursor.getTime() - OVERLAP_MS), result: { lookedAt: 0, healed: 0, cursor } };
}

/** Reads those orders of a page whole that are not here as Shopify has them, and applies them. */
async function heal(
  pipeline: Pipeline,
  client: AdminClient,
  shop: Shop,
  { listed, lease }: { listed: readonly ListedOrder[]; lease: Lease },
): Promise<AdminAnswer<number>> {
  const behind = await ordersBehind(pipeline, shop.id as ShopId, listed);
  let healed = 0;
  for (let at = 0; at < behind.length; at += WHOLE_ORDERS) {
    const answer = await readOrders(client, behind.slice(at, at + WHOLE_ORDERS));
    if (answer.kind !== 'answered') return answer;
    await lease.renew();
    if (!(await clicksCaptured(pipeline))) return { kind: 'unavailable', problem: CLICKS_WAIT };
    healed += await pipeline.db.$transaction((tx) =>
      applyOrders(pipeline, tx, tellings(pipeline, shopFacts(shop), answer.data)),
    );
  }
  if (healed > 0) pipeline.bell.ring();
  return { kind: 'answered', data: healed };
}

const CLICKS_WAIT = 'messages that came before are still being worked; the next run goes on';
const LOOKS = 10;
const LOOK_MS = 50;

/**
 * As for a delivery, the click that earned an order is known before the order is judged: what WhatsApp delivered until
 * now is captured here, and what another worker holds is waited for. False when that takes too long.
 */
async function clicksCaptured(pipeline: Pipeline): Promise<boolean> {
  const waiting = { source: 'whatsapp' as const, state: 'due' as const, attempts: 0 };
  const arrived = await pipeline.db.delivery.aggregate({ where: waiting, _max: { id: true } });
  const before = { ...waiting, id: { lte: arrived._max.id ?? 0n } };
  for (let look = 1; look <= LOOKS; look += 1) {
    while ((await captureBatch(pipeline)) > 0);
    if ((await pipeline.db.delivery.findFirst({ where: before, select: { id: true } })) === null) return true;
    await delay(LOOK_MS);
  }
  return false;
}

function tellings(pipeline: Pipeline, shop: ShopFacts, nodes: readonly GraphqlOrder[]): ToldOrder[] {
  return nodes.flatMap((node) => {
    const read = readGraphqlOrder(node);
    if (read.kind === 'unreadable') {
      pipeline.log.error(
        { shop: shop.domain, order: node.id, problem: read.problem },
        'an order cannot be read',
      );
      return [];
    }
    const paidAt = paymentTimeOf(node, read.order);
    const payment = paidAt && { paidAt, toldBy: 'order_list' as const };
    return [{ shop, order: read.order, payment }];
  });
}

async function ordersBehind(
  pipeline: Pipeline,
  shopId: ShopId,
  listed: readonly ListedOrder[],
): Promise<string[]> {
  const rows = await pipeline.db.order.findMany({
    where: { shopId, gid: { in: listed.map(({ gid }) => gid) } },
    select: { gid: true, shopifyUpdatedAt: true, paidAt: true },
  });
  const stored = new Map(rows.map((row) => [row.gid, row]));
  return listed
    .filter(({ gid, updatedAt, status }) => {
      const row = stored.get(gid);
      return !row || row.shopifyUpdatedAt < updatedAt || (row.paidAt === null && isPaidStatus(status));
    })
    .map(({ gid }) => gid);
}

function problemOf(failure: AdminFailure): string {
  return failure.kind === 'unauthorized' ? 'Shopify does not know the token any more' : failure.problem;
}
