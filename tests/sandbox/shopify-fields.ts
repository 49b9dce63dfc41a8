import { GraphQLError, getNamedType, isEnumType } from 'graphql';
import type { GraphQLFieldResolver, GraphQLOutputType } from 'graphql';
import { isRecord } from './json-value.ts';
import { listItems, listOrders, paginate, timezoneOffsetMinutes } from './order-listing.ts';
import type { PretendShop } from './shopify-shop.ts';

export type FieldContext = { shop: PretendShop; now: Date };
type Source = Record<string, unknown>;
type Computed = (source: Source, args: Record<string, unknown>, context: FieldContext) => unknown;

/**
 * Answers each GraphQL field from an order in the shape of Shopify's webhooks. Looks for the field in GraphQL's own
 * spelling, then for a rule below, then in the webhook's snake_case. A field without data is an error that names it:
 * the sandbox never makes up what Shopify would have said.
 */
export const resolveField: GraphQLFieldResolver<unknown, FieldContext> = (source, args, context, info) => {
  const { fieldName: field, parentType } = info;
  const record = isRecord(source) ? source : {};
  const computed = COMPUTED[parentType.name]?.[field];
  const value =
    /[A-Z0-9]/.test(field) && field in record
      ? record[field]
      : computed
        ? computed(record, args, context)
        : record[field.replace(/[A-Z0-9]+/g, (part) => `_${part.toLowerCase()}`)];
  if (value === undefined)
    throw new Error(`The pretend Shopify has no data for ${parentType.name}.${field}.`);
  if (Array.isArray(value) && getNamedType(info.returnType).name.endsWith('Connection')) {
    return paginate(listItems(value), args);
  }
  return inGraphqlTerms(value, info.returnType, parentType.name);
};

const COMPUTED: Record<string, Record<string, Computed>> = {
  QueryRoot: {
    shop: (_, __, { shop, now }) => shopRecord(shop, now),
    order: (_, { id }, { shop }) => (
      requireScope(shop, 'order', 'read_orders'),
      shop.orders.get(String(id)) ?? null
    ),
    nodes: (_, { ids }, { shop }) => {
      const all = (Array.isArray(ids) ? ids : []).map(String);
      if (all.length > MOST_NODES)
        throw new GraphQLError(
          `The input array size of ${all.length} is greater than the maximum allowed of ${MOST_NODES}.`,
          { extensions: { code: 'MAX_INPUT_SIZE_EXCEEDED' } },
        );
      return all.map((id) => {
        if (id.startsWith('gid://shopify/Customer/')) return customerNode(shop, id);
        requireScope(shop, 'nodes', 'read_orders');
        const order = shop.orders.get(id);
        return order ? { ...order, __typename: 'Order' } : null;
      });
    },
    refund: (_, { id }, { shop }) => {
      requireScope(shop, 'refund', 'read_orders');
      const refunds = [...shop.orders.values()].flatMap(({ refunds: all }) => records(all));
      return (
        refunds.find(({ id: own, admin_graphql_api_id: gid }) =>
          [gid, `gid://shopify/Refund/${String(own)}`].includes(id),
        ) ?? null
      );
    },
    orders: (_, args, { shop, now }) => {
      requireScope(shop, 'orders', 'read_orders');
      return paginate(listOrders(shop, args, now), args);
    },
    ordersCount: (_, args, { shop, now }) => {
      requireScope(shop, 'ordersCount', 'read_orders');
      // The schema's default is 10,000; null lifts the limit.
      const limit = typeof args['limit'] === 'number' ? args['limit'] : Infinity;
      const count = listOrders(shop, args, now).length;
      return { count: Math.min(count, limit), precision: count > limit ? 'AT_LEAST' : 'EXACT' };
    },
    currentAppInstallation: (_, __, { shop }) => ({
      id: `gid://shopify/AppInstallation/${shop.id}`,
      accessScopes: shop.scopes.map((handle) => ({ handle })),
    }),
  },
  Order: {
    legacyResourceId: ({ id }) => id,
    displayFinancialStatus: ({ financial_status: status }) => status,
    fullyPaid: ({ financial_status: status }) =>
      ['paid', 'partially_refunded', 'refunded'].includes(String(status)),
    unpaid: ({ financial_status: status }) => ['pending', 'authorized', 'expired'].includes(String(status)),
    currencyCode: ({ currency }) => currency,
    presentmentCurrencyCode: ({ presentment_currency: currency }) => currency,
    clientIp: ({ browser_ip: ip }) => ip,
    customerAcceptsMarketing: ({ buyer_accepts_marketing: accepts }) => accepts,
    customAttributes: ({ note_attributes: notes }) =>
      records(notes).map(({ name, value }) => ({ key: name, value })),
    discountCodes: ({ discount_codes: codes }) => records(codes).map(({ code }) => code),
    transactions: ({ transactions }, { first }) =>
      records(transactions).slice(0, typeof first === 'number' ? first : undefined),
    tags: ({ tags }) => (typeof tags === 'string' ? tags.split(', ').filter(Boolean) : tags),
    app: ({ app_id: id }) =>
      id === null || id === undefined ? id : { id: `gid://shopify/App/${String(id)}` },
    customer: ({ customer }, _, { shop }) => {
      requireScope(shop, 'customer', 'read_customers');
      return customer;
    },
    customerJourneySummary: ({ landing_site: page }, _, { shop }) => visits(page, shop),
    currentTotalPriceSet: (order) =>
      order['current_total_price_set'] ?? shopMoney(order, Number(order['current_total_price'])),
    totalOutstandingSet: (order) => shopMoney(order, Number(order['total_outstanding'])),
    totalRefundedSet: (order) => shopMoney(order, refunded(order)),
    netPaymentSet: (order) =>
      shopMoney(order, Number(order['total_price']) - Number(order['total_outstanding']) - refunded(order)),
    // An app's metafield that nobody has set is null at Shopify too.
    metafield: () => null,
  },
  Customer: {
    legacyResourceId: ({ id }) => id,
    // https://shopify.dev/docs/api/admin-graphql/latest/objects/Customer#field-Customer.fields.dataSaleOptOut
    dataSaleOptOut: ({ data_sale_opt_out: optedOut }) => optedOut === true,
    defaultPhoneNumber: ({ phone }) => (phone ? { phoneNumber: phone } : null),
    defaultEmailAddress: ({ email }) => (email ? { emailAddress: email } : null),
  },
  MailingAddress: { countryCodeV2: ({ country_code: code }) => code },
  LineItem: {
    product: ({ product_id: id }) => (id ? { id: `gid://shopify/Product/${String(id)}` } : null),
    variant: ({ variant_id: id }) => (id ? { id: `gid://shopify/ProductVariant/${String(id)}` } : null),
    originalUnitPriceSet: ({ price_set: price }) => price,
    discountedUnitPriceSet: discountedUnitPrice,
  },
};

// https://shopify.dev/docs/api/usage/limits
const MOST_NODES = 250;

/** A customer as the shop's orders tell of them. */
function customerNode(shop: PretendShop, gid: string): Source | null {
  requireScope(shop, 'nodes', 'read_customers');
  const customer = [...shop.orders.values()]
    .flatMap(({ customer }) => (isRecord(customer) ? [customer] : []))
    .find(
      ({ id, admin_graphql_api_id: own }) => own === gid || `gid://shopify/Customer/${String(id)}` === gid,
    );
  return customer ? { ...customer, id: gid, __typename: 'Customer' } : null;
}

function shopRecord(shop: PretendShop, now: Date): Source {
  return {
    id: `gid://shopify/Shop/${shop.id}`,
    name: shop.name,
    myshopifyDomain: shop.domain,
    primaryDomain: { host: shop.domain, url: `https://${shop.domain}` },
    currencyCode: shop.currency,
    enabledPresentmentCurrencies: [shop.currency],
    ianaTimezone: shop.timezone,
    timezoneOffsetMinutes: timezoneOffsetMinutes(shop.timezone, now),
    shopAddress: { countryCodeV2: shop.country },
    plan: {
      publicDisplayName: shop.plan,
      partnerDevelopment: shop.plan === 'Development',
      shopifyPlus: shop.plan === 'Shopify Plus',
    },
  };
}

// A webhook tells of one visit only, by the page's path.
function visits(page: unknown, shop: PretendShop): unknown {
  if (typeof page !== 'string') return page;
  const visit = { landingPage: new URL(page, `https://${shop.domain}`).href };
  return { firstVisit: visit, lastVisit: visit };
}

function requireScope(shop: PretendShop, field: string, scope: string): void {
  if (shop.scopes.includes(scope) || shop.scopes.includes(scope.replace('read_', 'write_'))) return;
  throw new GraphQLError(`Access denied for ${field} field. Required access: \`${scope}\` access scope.`, {
    extensions: { code: 'ACCESS_DENIED', requiredAccess: `\`${scope}\` access scope.` },
  });
}

function inGraphqlTerms(value: unknown, type: GraphQLOutputType, parent: string): unknown {
  if (value === null) return null;
  if (Array.isArray(value)) return value.map((one: unknown) => inGraphqlTerms(one, type, parent));
  const named = getNamedType(type);
  if (isEnumType(named)) return String(value).toUpperCase();
  switch (named.name) {
    case 'DateTime':
      return new Date(String(value)).toISOString().replace('.000Z', 'Z');
    case 'Decimal':
      return decimal(String(value));
    case 'UnsignedInt64':
      return String(value);
    case 'ID':
      return String(value).startsWith('gid://') ? value : `gid://shopify/${parent}/${String(value)}`;
    default:
      return value;
  }
}

// GraphQL writes "10.0" where a webhook writes "10.00".
function decimal(text: string): string {
  const [whole = '0', fraction = ''] = text.split('.');
  return `${whole}.${fraction.replace(/0+$/, '') || '0'}`;
}

// A webhook gives these amounts in the shop's currency only.
function shopMoney(order: Source, amount: number): unknown {
  if (Number.isNaN(amount)) return undefined;
  const money = { amount: amount.toFixed(2), currencyCode: order['currency'] };
  return order['presentment_currency'] === order['currency']
    ? { shopMoney: money, presentmentMoney: money }
    : { shopMoney: money };
}

function discountedUnitPrice(line: Source): unknown {
  const [price, discount] = [line['price_set'], line['total_discount_set']];
  if (!isRecord(price) || !isRecord(discount)) return undefined;
  const inCurrency = (key: string): unknown => {
    const [each, off] = [price[key], discount[key]];
    if (!isRecord(each) || !isRecord(off)) return undefined;
    const amount = Number(each['amount']) - Number(off['amount']) / Number(line['quantity']);
    return { amount: amount.toFixed(2), currencyCode: each['currency_code'] };
  };
  return { shopMoney: inCurrency('shop_money'), presentmentMoney: inCurrency('presentment_money') };
}

function refunded(order: Source): number {
  return records(order['refunds'])
    .flatMap(({ transactions }) => records(transactions))
    .filter(({ kind, status }) => kind === 'refund' && status === 'success')
    .reduce((sum, { amount }) => sum + Number(amount), 0);
}

function records(value: unknown): Source[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
