import { orderSearch } from './order-search.ts';
import type { OrderRecord, PretendShop } from './shopify-shop.ts';

export type Item = { position: readonly [number, bigint]; node: unknown };
export type Connection = {
  nodes: unknown[];
  edges: { cursor: string; node: unknown }[];
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
};
type Args = Record<string, unknown>;

/** Most items in one page (shopify.dev/docs/api/usage/limits). */
const MAX_PAGE = 250;

/** The shop's orders that match `query`, in the order of `sortKey`. */
export function listOrders(shop: PretendShop, args: Args, now: Date): Item[] {
  const matches = orderSearch(String(args['query'] ?? ''), timezoneOffsetMinutes(shop.timezone, now));
  const key = sortValue(String(args['sortKey'] ?? 'PROCESSED_AT'));
  const items = [...shop.orders.values()]
    .filter(matches)
    .map((order): Item => ({ position: [key(order), orderNumber(order)], node: order }))
    .sort((a, b) => comparePositions(a.position, b.position));
  return args['reverse'] === true ? items.reverse() : items;
}

/** A connection over a plain list; its cursors are places in the list. */
export function listItems(nodes: unknown[]): Item[] {
  return nodes.map((node, index) => ({ position: [index, 0n], node }));
}

/** One page, as Shopify cuts it: `first` is required, `after` is the cursor of the item before. */
export function paginate(items: Item[], args: Args): Connection {
  const { first, after } = args;
  if (args['last'] !== undefined || args['before'] !== undefined) {
    throw new Error('The pretend Shopify pages forward only: use first and after.');
  }
  if (typeof first !== 'number') throw new Error('you must provide one of first or last');
  if (first < 0 || first > MAX_PAGE) throw new Error(`first must be between 0 and ${MAX_PAGE}.`);
  const isReversed = args['reverse'] === true;
  const start = typeof after === 'string' ? readCursor(after) : null;
  const rest = start
    ? items.filter(({ position }) => comparePositions(position, start) * (isReversed ? -1 : 1) > 0)
    : items;
  const edges = rest.slice(0, first).map(({ position, node }) => ({ cursor: writeCursor(position), node }));
  return {
    nodes: edges.map(({ node }) => node),
    edges,
    pageInfo: {
      hasNextPage: rest.length > edges.length,
      hasPreviousPage: rest.length < items.length,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

/** Minutes east of UTC of an IANA time zone at a moment. */
export function timezoneOffsetMinutes(timeZone: string, at: Date): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }).formatToParts(at);
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
  const [, sign, hours = '0', minutes = '0'] = /GMT([+-])(\d+):(\d+)/.exec(name) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

function sortValue(sortKey: string): (order: OrderRecord) => number {
  switch (sortKey) {
    case 'PROCESSED_AT':
    case 'CREATED_AT':
    case 'UPDATED_AT': {
      const field = sortKey.toLowerCase();
      return (order) => Date.parse(String(order[field]));
    }
    case 'ID':
      return () => 0;
    default:
      throw new Error(`The pretend Shopify cannot sort orders by ${sortKey}.`);
  }
}

function orderNumber(order: OrderRecord): bigint {
  return BigInt(/\d+$/.exec(String(order['admin_graphql_api_id'] ?? order['id']))?.[0] ?? 0);
}

function comparePositions(a: Item['position'], b: Item['position']): number {
  if (a[0] !== b[0]) return a[0] - b[0];
  return a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0;
}

function writeCursor([value, id]: Item['position']): string {
  return Buffer.from(JSON.stringify({ last_id: String(id), last_value: value })).toString('base64');
}

function readCursor(cursor: string): Item['position'] {
  const [, id, value] =
    /^\{"last_id":"(\d+)","last_value":(-?\d+)\}$/.exec(Buffer.from(cursor, 'base64').toString('utf8')) ?? [];
  if (id === undefined || value === undefined) throw new Error('Invalid cursor for current pagination sort.');
  return [Number(value), BigInt(id)];
}
