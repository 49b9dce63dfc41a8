import { add, largerOf, smallerOf, subtract } from './fixed-point.ts';
import type { OrderBody } from './order-body.ts';

/** In major units, discounts taken off; null for what was not told. */
export type Amounts = {
  currency: string;
  /** All that the buyer pays. */
  total: string;
  /** The goods, at the prices of the shop: with their tax where prices include it. */
  subtotal: string | null;
  /** What was charged for shipping, with its tax. */
  shipping: string | null;
  /** The tax on everything but shipping. */
  tax: string | null;
};

type Side = 'shop_money' | 'presentment_money';

/** What an order came to when it was placed, in the shop's currency and in the buyer's. */
export function readAmounts(body: OrderBody): { shop: Amounts; buyer: Amounts } {
  const shop = amountsIn(body, 'shop_money', { amount: body.total_price, currency_code: body.currency });
  const presentment = body.total_price_set?.presentment_money ?? null;
  return { shop, buyer: presentment === null ? shop : amountsIn(body, 'presentment_money', presentment) };
}

function amountsIn(body: OrderBody, side: Side, total: { amount: string; currency_code: string }): Amounts {
  const read = (set: OrderBody['total_price_set']): string | null => {
    const money = set?.[side] ?? null;
    return money?.currency_code === total.currency_code ? money.amount : null;
  };
  const plain = (amount: string | null): string | null => (side === 'shop_money' ? amount : null);
  const subtotal = read(body.subtotal_price_set) ?? plain(body.subtotal_price);
  const tax = read(body.total_tax_set) ?? plain(body.total_tax);
  const lines = body.shipping_lines.flatMap((line) => (line === null || line.is_removed ? [] : [line]));
  const shippingTax = lines
    .flatMap(({ tax_lines }) => tax_lines)
    .map((line) => read(line?.price_set ?? null) ?? '0')
    .reduce(add, '0');

  const discounted = lines.map((line) => read(line.discounted_price_set));
  const known = discounted.filter((amount) => amount !== null);
  const isKnown = known.length > 0 && known.length === discounted.length;
  // Where the lines do not say it: Shopify's documents differ on whether a discount is off the total of shipping, which
  // can be no more than what the rest leaves of the whole (with tips and duties in it).
  // https://shopify.dev/docs/api/admin-graphql/latest/objects/Order#field-Order.fields.totalShippingPriceSet
  const taxOnTop = body.taxes_included ? '0' : (tax ?? '0');
  const left = subtotal && largerOf(subtract(subtract(total.amount, subtotal), taxOnTop), '0');
  const told = read(body.total_shipping_price_set);
  const guessed = told && (left === null ? told : smallerOf(told, left));
  const charged = isKnown ? known.reduce(add) : guessed;
  return {
    currency: total.currency_code,
    total: total.amount,
    subtotal,
    shipping: charged && (body.taxes_included ? charged : add(charged, shippingTax)),
    tax: tax && largerOf(subtract(tax, shippingTax), '0'),
  };
}
