import { PROVENANCES } from '../../domain/provenance.ts';
import type { Provenance } from '../../domain/provenance.ts';
import { isReason, ORDER_STATES } from '../../domain/reason.ts';
import type { OrderState, Reason } from '../../domain/reason.ts';

/** A place in the list: orders are sorted by when they were placed, newest first, and then by id. */
type Cursor = { placedAt: Date; gid: string };

/** Which orders are asked for. */
export type Narrowing = {
  state: OrderState | null;
  /** Why an order is in its state; null for any reason. */
  reason: Reason | null;
  /** Part of an order's name; empty for all. */
  name: string;
  /** Where the order was made; null for anywhere. */
  made: Provenance | null;
  /** Only orders whose evidence points to more than one chat. */
  disagree: boolean;
};

/** What part of the list is asked for. At most one of the cursors is set. */
export type OrdersFilter = Narrowing & {
  /** Only orders below this place. */
  after: Cursor | null;
  /** Only orders above this place. */
  before: Cursor | null;
};

const GID_PREFIX = 'gid://shopify/Order/';
const NAME_LIMIT = 100;

/** The whole list. */
export const ALL_ORDERS: OrdersFilter = {
  state: null,
  reason: null,
  name: '',
  made: null,
  disagree: false,
  after: null,
  before: null,
};

/** Reads the filter of an address; anything that is not understood is left out. */
export function readFilter(parameters: URLSearchParams): OrdersFilter {
  const state = ORDER_STATES.find((known) => known === parameters.get('state')) ?? null;
  const reason = parameters.get('reason');
  const after = readCursor(parameters.get('after'));
  return {
    state,
    reason: reason !== null && isReason(reason) ? reason : null,
    name: (parameters.get('name') ?? '').trim().slice(0, NAME_LIMIT),
    made: PROVENANCES.find((known) => known === parameters.get('made')) ?? null,
    disagree: parameters.get('disagree') === 'yes',
    after,
    before: after === null ? readCursor(parameters.get('before')) : null,
  };
}

/** The address of a part of the list; `readFilter` reads it back. */
export function ordersUrl(filter: OrdersFilter): string {
  return `/app/orders${filterQuery(filter)}`;
}

/** The address of an order of the list, which remembers the part of the list to go back to. */
export function orderUrl(gid: string, filter: OrdersFilter): string {
  return `/app/orders/${gid.slice(GID_PREFIX.length)}${filterQuery(filter)}`;
}

function filterQuery(filter: OrdersFilter): string {
  const parameters = new URLSearchParams();
  if (filter.state !== null) parameters.set('state', filter.state);
  if (filter.reason !== null) parameters.set('reason', filter.reason);
  if (filter.name !== '') parameters.set('name', filter.name);
  if (filter.made !== null) parameters.set('made', filter.made);
  if (filter.disagree) parameters.set('disagree', 'yes');
  if (filter.after !== null) parameters.set('after', writeCursor(filter.after));
  else if (filter.before !== null) parameters.set('before', writeCursor(filter.before));
  const query = parameters.toString();
  return query === '' ? '' : `?${query}`;
}

/** The pattern of SQL's LIKE that finds a text anywhere, its own wildcards taken literally. */
export function containsPattern(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, (wildcard) => `\\${wildcard}`)}%`;
}

function writeCursor({ placedAt, gid }: Cursor): string {
  return `${placedAt.getTime()}-${gid.slice(GID_PREFIX.length)}`;
}

function readCursor(text: string | null): Cursor | null {
  const [, time, legacyId] = /^(\d{1,15})-(\d{1,20})$/.exec(text ?? '') ?? [];
  if (time === undefined || legacyId === undefined) return null;
  return { placedAt: new Date(Number(time)), gid: `${GID_PREFIX}${legacyId}` };
}
