import { isRecord } from './json-value.ts';
import { coded, plain, present } from './refusal.ts';
import type { Refusal } from './refusal.ts';

type Json = Record<string, unknown>;

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));
const TEXTS = ['order_id', 'content_name', 'content_category', 'search_string', 'status'];
const NUMBERS = ['value', 'net_revenue', 'predicted_ltv'];
const CONTENT_TYPES = ['product', 'product_group'];
const DELIVERY_CATEGORIES = ['in_store', 'curbside', 'home_delivery'];

/** What was sold or looked at (developers.facebook.com/docs/marketing-api/conversions-api/parameters/custom-data). */
export function judgeSale(event: Json): Refusal | null {
  const sale = event['custom_data'] ?? {};
  if (!isRecord(sale)) return plain('param custom_data must be an object.');
  return judgeMoney(event['event_name'], sale) ?? judgeTypes(sale) ?? judgeContents(sale['contents']);
}

function judgeMoney(name: unknown, { value, currency }: Json): Refusal | null {
  if (name === 'Purchase' && !present(value)) return coded(2804009);
  // Reported from a live answer: "OrderCreated event currency missing".
  if (name === 'OrderCreated' && !present(currency)) return coded(2804081);
  if (present(value) && !present(currency)) return coded(2804023);
  if (present(currency) && !(typeof currency === 'string' && CURRENCIES.has(currency.toUpperCase()))) {
    return plain('param custom_data.currency must be an ISO 4217 currency code.');
  }
  return null;
}

function judgeTypes(sale: Json): Refusal | null {
  const wrong = (keys: string[], type: 'string' | 'number') =>
    keys.find((key) => present(sale[key]) && typeof sale[key] !== type);
  const [number, text] = [wrong(NUMBERS, 'number'), wrong(TEXTS, 'string')];
  if (number !== undefined) return plain(`param custom_data.${number} must be a number.`);
  if (text !== undefined) return plain(`param custom_data.${text} must be a string.`);
  if (present(sale['num_items']) && !isCount(sale['num_items'])) {
    return plain('param custom_data.num_items must be an integer.');
  }
  const ids: unknown = sale['content_ids'] ?? [];
  if (!(Array.isArray(ids) && ids.every((id) => typeof id === 'string' || typeof id === 'number'))) {
    return plain('param custom_data.content_ids must be a list of IDs.');
  }
  return (
    oneOf(sale['content_type'], CONTENT_TYPES, 'content_type') ??
    oneOf(sale['delivery_category'], DELIVERY_CATEGORIES, 'delivery_category')
  );
}

function judgeContents(given: unknown): Refusal | null {
  const contents = given ?? [];
  if (!Array.isArray(contents)) return plain('param custom_data.contents must be an array.');
  for (const item of contents as unknown[]) {
    if (!isRecord(item) || !present(item['id'])) return coded(2804008);
    const { id, quantity, item_price: price } = item;
    if (typeof id !== 'string' && typeof id !== 'number') return plain('param contents.id must be a string.');
    if (present(quantity) && !isCount(quantity)) return plain('param contents.quantity must be an integer.');
    if (present(price) && typeof price !== 'number')
      return plain('param contents.item_price must be a number.');
    const refusal = oneOf(item['delivery_category'], DELIVERY_CATEGORIES, 'contents.delivery_category');
    if (refusal) return refusal;
  }
  return null;
}

function oneOf(value: unknown, allowed: string[], name: string): Refusal | null {
  const fine = !present(value) || (typeof value === 'string' && allowed.includes(value));
  return fine ? null : plain(`param custom_data.${name} must be one of {${allowed.join(', ')}}.`);
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}
