import type { CustomData, DraftEvent } from './conversion-event.ts';
import {
  hashCity,
  hashCountry,
  hashEmail,
  hashExternalId,
  hashName,
  hashPhone,
  hashPostcode,
  hashState,
  type CustomerHashes,
} from './customer-data.ts';
import { regionOf } from './data-use.ts';
import { largerOf, roundTo, subtract } from './fixed-point.ts';
import type { Amounts } from './order-amounts.ts';
import type { Order } from './order.ts';
import { countryOfPhone, type PhoneDigits } from './phone.ts';
import type { Settings, ValueRule } from './settings.ts';

/** An order as far as Meta is told of it; a checkout has no id yet. */
export type ToldOrder = Pick<Order, 'email' | 'customerGid' | 'person' | 'browser' | 'region' | 'items'> & {
  legacyId: string | null;
  /** The currency of the items' prices. */
  total: { currency: string };
};

/**
 * What Meta is told of an order, whichever conversation it is linked to in the end and as whatever it is told. `paid`:
 * what the buyer agreed to; null for an event that says what the order is but not its worth. Throws RangeError for an
 * amount that is no decimal number. `soldIn`: the country of the store in which it was sold; null for what was not.
 */
export function draftEvent(input: {
  order: ToldOrder;
  paid: { shop: Amounts; buyer: Amounts } | null;
  settings: Pick<Settings, 'valueRule' | 'valueCurrency' | 'contentIds' | 'sendCustomerHashes'>;
  phones: readonly PhoneDigits[];
  soldIn?: string | null;
}): DraftEvent {
  const { order, paid, settings, phones, soldIn = null } = input;
  const amounts = paid && paid[settings.valueCurrency];
  return {
    customer: settings.sendCustomerHashes ? hashesOf(order, phones) : {},
    order: {
      ...(amounts && worthOf(amounts, settings.valueRule)),
      ...(order.legacyId !== null && { order_id: order.legacyId }),
      ...contentsOf(order, settings.contentIds, amounts?.currency ?? null),
    },
    ...(order.browser && { browser: order.browser }),
    region: regionOf(order.region, [...phones.map(countryOfPhone), soldIn]),
  };
}

// ISO 4217, https://www.iso.org/iso-4217-currency-codes.html. What JavaScript's Intl gives are the digits that people
// write: none for Colombia's and Hungary's money, of which Shopify's amounts have two.
const PLACES: ReadonlyMap<string, number> = new Map([
  ...'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ').map(having(0)),
  ...'BHD IQD JOD KWD LYD OMR TND'.split(' ').map(having(3)),
  ...'CLF UYW'.split(' ').map(having(4)),
]);

function having(places: number) {
  return (currency: string): [string, number] => [currency, places];
}

/** An amount as a number with no more decimals than its currency has, and never below zero. */
export function inCurrency(amount: string, currency: string): number {
  return Number(largerOf(roundTo(amount, PLACES.get(currency.toUpperCase()) ?? 2), '0'));
}

function worthOf(amounts: Amounts, rule: ValueRule): { currency: string; value: number } {
  const currency = amounts.currency.toUpperCase();
  return { currency, value: inCurrency(amountBy(rule, amounts), currency) };
}

function amountBy(rule: ValueRule, { total, subtotal, shipping, tax }: Amounts): string {
  switch (rule) {
    case 'total':
      return total;
    case 'without_shipping':
      return shipping === null ? total : subtract(total, shipping);
    case 'subtotal':
      return subtotal ?? total;
    case 'without_shipping_and_tax':
      return shipping === null || tax === null ? total : subtract(subtract(total, shipping), tax);
  }
}

function contentsOf(
  { items, total }: Pick<ToldOrder, 'items' | 'total'>,
  ids: Settings['contentIds'],
  currency: string | null,
): CustomData {
  const contents = items.flatMap(({ variantId, productId, quantity, price }) => {
    const id = ids === 'product' ? (productId ?? variantId) : (variantId ?? productId);
    if (id === null) return [];
    // Beside a value in another currency a price would be wrong.
    const priced = currency !== null && currency.toUpperCase() === total.currency.toUpperCase();
    return [priced ? { id, quantity, item_price: inCurrency(price, currency) } : { id, quantity }];
  });
  if (contents.length === 0) return {};
  return {
    content_type: ids === 'product' ? 'product_group' : 'product',
    content_ids: [...new Set(contents.map(({ id }) => id))],
    contents,
  };
}

function hashesOf({ email, person, customerGid }: ToldOrder, phones: readonly PhoneDigits[]): CustomerHashes {
  const { country } = person;
  const found: [keyof CustomerHashes, (string | null)[]][] = [
    ['em', [email && hashEmail(email)]],
    ['ph', phones.map(hashPhone)],
    ['fn', [person.firstName && hashName(person.firstName)]],
    ['ln', [person.lastName && hashName(person.lastName)]],
    ['ct', [person.city && hashCity(person.city)]],
    ['st', [person.state && hashState(person.state, country ?? '')]],
    ['zp', [person.postcode && hashPostcode(person.postcode, country ?? '')]],
    ['country', [country && hashCountry(country)]],
    ['external_id', [customerGid && hashExternalId(customerGid)]],
  ];
  const known = found.map(([key, hashes]) => [key, [...new Set(hashes)].filter((hash) => hash)] as const);
  return Object.fromEntries(known.filter(([, hashes]) => hashes.length > 0));
}
