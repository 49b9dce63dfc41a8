import { isPresent, unless, type Problem } from './event-problem.ts';
import { isJsonObject, type JsonObject } from './json.ts';

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));
const TEXTS = ['order_id', 'content_name', 'content_category', 'search_string', 'status'];
const CONTENT_TYPES = ['product', 'product_group'];
const DELIVERY_CATEGORIES = ['in_store', 'curbside', 'home_delivery'];

/**
 * What Meta would refuse about what was sold or looked at.
 * https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/custom-data
 */
export function checkSale(eventName: unknown, given: unknown): Problem[] {
  const sale = given ?? {};
  if (!isJsonObject(sale)) return [{ field: 'custom_data', problem: 'It is not an object.' }];
  return [...checkMoney(eventName, sale), ...checkKinds(sale), ...checkContents(sale)];
}

function checkMoney(eventName: unknown, { value, currency }: JsonObject): Problem[] {
  if (eventName === 'Purchase' && !isPresent(value)) {
    return [{ field: 'custom_data.value', problem: 'A Purchase needs a value, such as 1.99.' }];
  }
  // The second is not documented; it is what live answers say.
  const needed = isPresent(value) || eventName === 'OrderCreated';
  return [
    ...unless(
      !isPresent(value) || Number.isFinite(value),
      'custom_data.value',
      'It is not a number, such as 1.99.',
    ),
    ...unless(
      isPresent(currency) ? isCurrency(currency) : !needed,
      'custom_data.currency',
      'It is not an ISO 4217 code such as USD.',
    ),
  ];
}

function isCurrency(code: unknown): boolean {
  return typeof code === 'string' && CURRENCIES.has(code.toUpperCase());
}

function checkKinds(sale: JsonObject): Problem[] {
  const { content_ids: ids, num_items: count } = sale;
  return [
    ...TEXTS.flatMap((key) =>
      unless(
        !isPresent(sale[key]) || typeof sale[key] === 'string',
        `custom_data.${key}`,
        'It is not a text.',
      ),
    ),
    ...['net_revenue', 'predicted_ltv'].flatMap((key) =>
      unless(
        !isPresent(sale[key]) || Number.isFinite(sale[key]),
        `custom_data.${key}`,
        'It is not a number.',
      ),
    ),
    ...unless(!isPresent(count) || isCount(count), 'custom_data.num_items', 'It is not a whole number.'),
    ...unless(
      ids === undefined || ids === null || isIds(ids),
      'custom_data.content_ids',
      'It is not a list of ids.',
    ),
    ...oneOf(sale['content_type'], CONTENT_TYPES, 'custom_data.content_type'),
    ...oneOf(sale['delivery_category'], DELIVERY_CATEGORIES, 'custom_data.delivery_category'),
  ];
}

function checkContents({ contents }: JsonObject): Problem[] {
  const field = 'custom_data.contents';
  if (contents === undefined || contents === null) return [];
  if (!Array.isArray(contents)) return [{ field, problem: 'It is not a list.' }];
  return contents.flatMap((item: unknown) => {
    if (!isJsonObject(item) || !isPresent(item['id'])) return [{ field, problem: 'An item has no id.' }];
    const { id, quantity, item_price: price } = item;
    return [
      ...unless(isId(id), field, 'An item’s id is not a text.'),
      ...unless(
        !isPresent(quantity) || isCount(quantity),
        field,
        'An item’s quantity is not a whole number.',
      ),
      ...unless(!isPresent(price) || Number.isFinite(price), field, 'An item’s price is not a number.'),
      ...oneOf(item['delivery_category'], DELIVERY_CATEGORIES, field),
    ];
  });
}

function oneOf(value: unknown, allowed: readonly string[], field: string): Problem[] {
  const fine = !isPresent(value) || allowed.some((one) => one === value);
  return unless(fine, field, `It must be one of ${allowed.join(', ')}.`);
}

function isIds(ids: unknown): boolean {
  return Array.isArray(ids) && ids.every(isId);
}

function isId(id: unknown): boolean {
  return typeof id === 'string' || typeof id === 'number';
}

function isCount(count: unknown): boolean {
  return typeof count === 'number' && Number.isInteger(count) && count >= 0;
}
