import { z } from 'zod';
import type { Connection, Shop } from '../../prisma/generated/client.ts';
import type {
  Asked,
  LinkObservation,
  NumberAtMeta,
  NumberObservation,
  Subscriber,
} from '../domain/doctor.ts';
import type { AskedShop, ShopObservation } from '../domain/doctor-shop.ts';
import type { ShopId } from '../domain/ids.ts';
import { classifyOutcome, type SendResult } from '../domain/outcome.ts';
import { probeEvent, probePixelEvent } from '../domain/probe.ts';
import { readSettings } from '../domain/settings.ts';
import { ask, type AssetAnswer } from '../platforms/meta/answer.ts';
import { findOrCreateDataset, listPhoneNumbers, readDataset } from '../platforms/meta/assets.ts';
import { sendEvents } from '../platforms/meta/events.ts';
import type { GraphClient } from '../platforms/meta/graph.ts';
import { appToken, checkLive, inspectToken, type TokenFacts } from '../platforms/meta/tokens.ts';
import { readCustomerAccess, readGrantedScopes, SHOPIFY_SCOPES } from '../platforms/shopify/admin-checks.ts';
import type { AdminAnswer } from '../platforms/shopify/admin-client.ts';
import type { OpenAdmin } from './admin-access.ts';
import type { Pipeline } from './context.ts';
import { connectionSecret } from './sealed.ts';

/** `tokenAppId`: null where Meta does not say. `limited`: a limit of the whole Meta app is used up. */
export type SeenConnection = { tokenAppId: string | null; limited: boolean } & (
  { kind: 'whatsapp'; seen: NumberObservation } | { kind: 'pixel'; seen: LinkObservation }
);

const RECENT_MS = 7 * 24 * 60 * 60 * 1000;
const UNASKED = { kind: 'no_answer' } as const;

/** Asks Meta everything about a connection, side by side. Each question has the time limit of the Graph client. */
export async function lookAtConnection(pipeline: Pipeline, row: Connection): Promise<SeenConnection> {
  const token = openToken(pipeline, row);
  const line = listenIn(pipeline);
  const { wabaId, phoneNumberId, datasetId, parkedEvents } = row;
  const isNumber = wabaId !== null && phoneNumberId !== null;
  const event = isNumber ? probeEvent(wabaId, pipeline.clock()) : probePixelEvent(pipeline.clock());
  let tokenAppId: string | null = null;
  const about = async (): Promise<Pick<LinkObservation, 'token' | 'expiry' | 'probe'>> => {
    if (token === null) return { token: { kind: 'sealed' }, expiry: UNASKED, probe: neverAsked() };
    const [live, facts, probe] = await Promise.all([
      checkLive(line.graph, token),
      readFacts(pipeline, line.graph, token),
      sendEvents({ ...pipeline, graph: line.graph }, { datasetId, token, events: [event] }),
    ]);
    tokenAppId = facts.kind === 'found' ? facts.value.appId : null;
    return { token: live, expiry: found(facts, ({ expiresAt }) => expiresAt), probe };
  };
  if (!isNumber) {
    const link = await about();
    return {
      kind: 'pixel',
      seen: { ...link, ...line.heard(), parkedEvents },
      tokenAppId,
      limited: line.limited(),
    };
  }
  const [link, account] = await Promise.all([
    about(),
    lookAtAccount(line.graph, { wabaId, phoneNumberId, token }),
  ]);
  return {
    ...{ kind: 'whatsapp', tokenAppId, limited: line.limited() },
    seen: {
      ...link,
      ...account,
      ...line.heard(),
      wabaId,
      phoneNumberId,
      datasetId,
      parkedEvents,
      appId: row.appSecret === null ? pipeline.metaApp.appId : null,
      tokenAppId: tokenAppId ?? row.tokenAppId,
      connectedAt: row.createdAt,
      lastWebhookAt: row.lastWebhookAt,
    },
  };
}

type Account = Pick<NumberObservation, 'dataset' | 'numbers' | 'number' | 'subscribers'>;

async function lookAtAccount(
  graph: GraphClient,
  { wabaId, phoneNumberId, token }: { wabaId: string; phoneNumberId: string; token: string | null },
): Promise<Account> {
  if (token === null) return { dataset: UNASKED, numbers: UNASKED, number: UNASKED, subscribers: UNASKED };
  const [dataset, numbers, number, subscribers] = await Promise.all([
    datasetOf(graph, wabaId, token),
    listPhoneNumbers(graph, wabaId, token),
    readNumber(graph, phoneNumberId, token),
    readSubscribers(graph, wabaId, token),
  ]);
  return { dataset, numbers: found(numbers, (list) => list.map(({ id }) => id)), number, subscribers };
}

/** Looks before it makes one: making is the dearer call, and an account without a dataset is rare. */
async function datasetOf(graph: GraphClient, wabaId: string, token: string): Promise<Asked<string>> {
  const answer = await readDataset(graph, wabaId, token);
  if (answer.kind !== 'found') return answer;
  return answer.value === null
    ? findOrCreateDataset(graph, wabaId, token)
    : { kind: 'found', value: answer.value };
}

const numberSchema = z.object({
  status: z.string().nullish(),
  platform_type: z.string().nullish(),
  code_verification_status: z.string().nullish(),
  quality_rating: z.string().nullish(),
});

// https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/phone-numbers
async function readNumber(graph: GraphClient, id: string, token: string): Promise<Asked<NumberAtMeta>> {
  const path = `${id}?fields=status,platform_type,code_verification_status,quality_rating`;
  const answer = await ask(graph, { method: 'GET', path, token }, numberSchema);
  return found(answer, (node) => ({
    status: node.status ?? null,
    platform: node.platform_type ?? null,
    verification: node.code_verification_status ?? null,
    quality: node.quality_rating ?? null,
  }));
}

const app = z.object({ id: z.coerce.string().nullish(), name: z.string().nullish() });
const subscribersSchema = z.object({
  data: z.array(z.object({ whatsapp_business_api_data: app.nullish() })),
});

// https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/manage-webhooks
async function readSubscribers(
  graph: GraphClient,
  wabaId: string,
  token: string,
): Promise<Asked<Subscriber[]>> {
  const request = { method: 'GET' as const, path: `${wabaId}/subscribed_apps`, token };
  const answer = await ask(graph, request, subscribersSchema);
  return found(answer, ({ data }) =>
    data.map(({ whatsapp_business_api_data: known }) => ({
      id: known?.id ?? null,
      name: known?.name ?? null,
    })),
  );
}

/** A token is known best to the app that made it; one of another app may be asked about itself. */
async function readFacts(
  { metaApp: { appId, appSecret } }: Pipeline,
  graph: GraphClient,
  token: string,
): Promise<AssetAnswer<TokenFacts>> {
  if (appId !== null && appSecret !== null) {
    const answer = await inspectToken(graph, token, appToken({ appId, appSecret }));
    if (answer.kind === 'found') return answer;
  }
  return inspectToken(graph, token, token);
}

function found<T, U>(answer: AssetAnswer<T>, read: (value: T) => U): Asked<U> {
  return answer.kind === 'found' ? { kind: 'found', value: read(answer.value) } : answer;
}

function neverAsked(): SendResult {
  return { kind: 'never_left', detail: 'no token' };
}

/** A Graph client that also hears what every answer says of Meta's clock and limits. */
function listenIn({ graph, clock, metaApp }: Pipeline) {
  const skews: number[] = [];
  const shares: number[] = [];
  let answered = false;
  let limited = false;
  const listening: GraphClient = async (request) => {
    const asked = clock().getTime();
    const result = await graph(request);
    if (result.kind !== 'answered') return result;
    answered = true;
    limited ||= isAppLimit(result);
    // Meta wrote its time somewhere between question and answer.
    const middle = (asked + clock().getTime()) / 2;
    if (result.date) skews.push(middle - result.date.getTime());
    if (typeof result.usagePercent === 'number') shares.push(result.usagePercent);
    return result;
  };
  return {
    graph: listening,
    limited: () => limited,
    heard: () => ({
      graphVersion: metaApp.graphVersion,
      answered,
      // The quickest answer is the most exact.
      skewMs: skews.toSorted((a, b) => Math.abs(a) - Math.abs(b))[0] ?? null,
      usagePercent: shares.length === 0 ? null : Math.max(...shares),
    }),
  };
}

// https://developers.facebook.com/docs/graph-api/overview/rate-limiting
const APP_LIMIT = 4;

function isAppLimit(result: SendResult): boolean {
  const outcome = classifyOutcome(result, 1);
  return outcome.kind !== 'accepted' && outcome.error?.code === APP_LIMIT;
}

function openToken({ vault, log }: Pipeline, { shopId, id, token }: Connection): string | null {
  try {
    return vault.open(token, connectionSecret(shopId as ShopId, id, 'token'));
  } catch (error) {
    log.error({ err: error, shop: shopId, connection: id }, 'the sealed token of a connection does not open');
    return null;
  }
}

/** Looks at what Shopify gives and has told of late. `openAdmin` is null where Shopify's variables are not set. */
export async function lookAtShop(
  { db, clock }: Pipeline,
  openAdmin: OpenAdmin | null,
  shop: Shop,
): Promise<ShopObservation> {
  const since = new Date(clock().getTime() - RECENT_MS);
  const access = await openAdmin?.(shop.domain);
  const client = access?.kind === 'open' ? access.client : null;
  const closed = access?.kind === 'unavailable' ? UNASKED : ({ kind: 'no_access' } as const);
  const [granted, customers, latest, [missed]] = await Promise.all([
    client === null ? closed : readGrantedScopes(client).then(asked),
    client === null ? closed : readCustomerAccess(client).then(asked),
    db.order.findFirst({
      where: { shopId: shop.id },
      orderBy: { placedAt: 'desc' },
      select: { phones: true },
    }),
    // The literal names the index that is kept for this statement.
    db.$queryRaw<{ orders: number }[]>`
      SELECT count(*)::int AS orders FROM orders
      WHERE shop_id = ${shop.id} AND paid_at >= ${since} AND paid_told_by = 'order_list'`,
  ]);
  const { lastDeliveryAt } = shop;
  return {
    wanted: SHOPIFY_SCOPES,
    granted,
    customers,
    hidden: latest?.phones === 'hidden',
    lastDeliveryAt: lastDeliveryAt !== null && lastDeliveryAt >= since ? lastDeliveryAt : null,
    missed: missed?.orders ?? 0,
    channelsChosen: readSettings(shop.settings).channelsChosen,
  };
}

function asked<T>(answer: AdminAnswer<T>): AskedShop<T> {
  switch (answer.kind) {
    case 'answered':
      return { kind: 'found', value: answer.data };
    case 'refused':
      return answer;
    case 'unavailable':
      return UNASKED;
    case 'unauthorized':
      return { kind: 'no_access' };
  }
}
