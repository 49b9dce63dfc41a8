import { REFERENCE_PARAMETER } from './chat-link.ts';
import type { DraftEvent } from './conversion-event.ts';
import { draftEvent } from './draft-event.ts';
import { isJsonObject, jsonArray, jsonId, jsonText, parseJson } from './json.ts';
import type { JsonObject } from './json.ts';
import { readOrderBody } from './order.ts';
import type { Order } from './order.ts';
import type { PhoneDigits } from './phone.ts';
import type { Settings } from './settings.ts';

/** A checkout that was begun. It reads like an order, but there is none yet: its ids and name mean nothing. */
export type Checkout = {
  token: string;
  order: Order;
  completed: boolean;
  /** Its amounts are in one currency, which is known. */
  oneCurrency: boolean;
};
type Unreadable = { kind: 'unreadable'; problem: string };

/**
 * Reads the body of Shopify's checkout webhooks, which is that of an order with some of its fields.
 * https://shopify.dev/docs/api/admin-rest/latest/resources/abandoned-checkouts
 */
export function readCheckout(text: string): { kind: 'checkout'; checkout: Checkout } | Unreadable {
  const body = readBody(text);
  const token = body && jsonId(body['token']);
  if (body === null || token === null) return { kind: 'unreadable', problem: 'The checkout has no token.' };
  const phone = jsonText(body['phone']) ?? body['sms_marketing_phone'];
  const read = readOrderBody({ ...body, ...NO_ORDER, phone, checkout_token: token });
  if (read.kind === 'unreadable') return read;
  const { order } = read;
  const shown = jsonText(body['presentment_currency'])?.toUpperCase() ?? order.total.currency;
  return {
    kind: 'checkout',
    checkout: {
      ...{ token, order, completed: jsonText(body['completed_at']) !== null },
      // Which of two its plain amounts are in is not documented.
      oneCurrency: shown === order.total.currency,
    },
  };
}

/** A cart that came back with a chat link's token. */
export type Cart = { token: string; references: Order['references']; items: Order['items'] };

/** Whether a cart's body may hold a chat link's token at all: most do not, and need not be read. */
export function mayHoldReference(text: string): boolean {
  return text.includes(REFERENCE_PARAMETER);
}

/**
 * Reads the body of Shopify's cart webhooks. Where a cart's attributes stand in it is not documented, so they are looked
 * for wherever Shopify has them elsewhere. https://shopify.dev/docs/api/webhooks?reference=toml#list-of-topics
 */
export function readCart(text: string): { kind: 'cart'; cart: Cart } | Unreadable {
  const body = readBody(text);
  const token = body && (jsonId(body['token']) ?? jsonId(body['id']));
  if (body === null || token === null) return { kind: 'unreadable', problem: 'The cart has no token.' };
  const read = readOrderBody({
    ...NO_ORDER,
    ...{ created_at: '2000-01-01T00:00:00Z', currency: 'XXX', total_price: '0' },
    note_attributes: [body['note_attributes'], body['attributes']].flatMap(attributesOf),
    tags: jsonText(body['note'])?.split(/[\s,;]+/) ?? [],
    line_items: body['line_items'],
  });
  if (read.kind === 'unreadable') return read;
  return { kind: 'cart', cart: { token, references: read.order.references, items: read.order.items } };
}

/** What Meta is told of a checkout; `phones`: the buyer's. */
export function draftOfCheckout(
  { order, oneCurrency }: Checkout,
  settings: Settings,
  phones: readonly PhoneDigits[],
): DraftEvent {
  const paid = oneCurrency ? order.amounts : null;
  // A chat's event says nothing of a browser.
  const told = { ...order, legacyId: null, browser: null };
  const draft = draftEvent({ order: told, paid, settings, phones });
  const count = order.items.reduce((sum, { quantity }) => sum + quantity, 0);
  return count === 0 ? draft : { ...draft, order: { ...draft.order, num_items: count } };
}

/** What Meta is told of products that were looked at or put into a cart, by somebody of whom nothing else is known. */
export function draftOfItems(items: Order['items'], settings: Settings): DraftEvent {
  return draftEvent({ order: { ...NOBODY, items }, paid: null, settings, phones: [] });
}

/**
 * The products of a chat link by where it leads: those of a cart permalink, or the variant of a product page. None where
 * the catalogue goes by products: a link names variants alone.
 */
export function itemsOfLink(target: string, { contentIds }: Pick<Settings, 'contentIds'>): Order['items'] {
  if (contentIds === 'product') return [];
  const lines = /^\/cart\/([\d:,]+)/.exec(target)?.[1]?.split(',') ?? [];
  const variant = /[?&]variant=(\d+)/.exec(target)?.[1];
  return [...lines, ...(variant === undefined ? [] : [variant])].flatMap((line) => {
    const [variantId = '', quantity = '1'] = line.split(':');
    return variantId === '' ? [] : [{ variantId, productId: null, quantity: Number(quantity), price: '0' }];
  });
}

// What an order's body may have that a cart's or a checkout's must not be read as.
const NO_ORDER = { id: '0', admin_graphql_api_id: null, processed_at: null, cancelled_at: null };
const NOBODY = {
  ...{ legacyId: null, email: null, customerGid: null, browser: null, total: { currency: 'XXX' } },
  person: { firstName: null, lastName: null, city: null, state: null, postcode: null, country: null },
  region: { country: null, state: null },
};

function readBody(text: string): JsonObject | null {
  const parsed = parseJson(text);
  return parsed.kind === 'value' && isJsonObject(parsed.value) ? parsed.value : null;
}

/** As pairs, which have a name or a key, or as the fields of an object. */
function attributesOf(attributes: unknown): JsonObject[] {
  if (isJsonObject(attributes)) return Object.entries(attributes).map(([name, value]) => ({ name, value }));
  return jsonArray(attributes)
    .filter(isJsonObject)
    .map(({ name, key, value }) => ({ name: name ?? key, value }));
}
