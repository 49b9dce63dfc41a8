type Json = Record<string, unknown>;

/** The body of Shopify's order webhooks, with synthetic values; `fields` replace top-level keys. */
export function shopifyOrder(fields: Json = {}): Json {
  const id = fields['id'] ?? 5512345678901;
  const currency = fields['currency'] ?? 'BRL';
  const total = fields['total_price'] ?? '214.90';
  const presentment = fields['presentment_currency'] ?? currency;
  const inBoth = (amount: unknown): Json => ({
    shop_money: { amount, currency_code: currency },
    presentment_money: { amount, currency_code: presentment },
  });
  return {
    id,
    admin_graphql_api_id: `gid://shopify/Order/${String(id)}`,
    app_id: 580111,
    browser_ip: '203.0.113.24',
    buyer_accepts_marketing: true,
    cancel_reason: null,
    cancelled_at: null,
    cart_token: 'hWN8EXAMPLEcartTOKEN0000',
    checkout_id: 38100000000001,
    checkout_token: '0f1e2d3c4b5a69788796a5b4c3d2e1f0',
    client_details: { accept_language: 'pt-BR', browser_ip: '203.0.113.24', user_agent: 'Mozilla/5.0' },
    confirmation_number: 'EX4MPL3ZZ',
    confirmed: true,
    contact_email: 'maria@example.com',
    created_at: '2026-11-18T10:22:31-03:00',
    currency,
    current_total_price: total,
    customer_locale: 'pt-BR',
    discount_codes: [{ code: 'ZAP10', amount: '10.00', type: 'fixed_amount' }],
    email: 'maria@example.com',
    estimated_taxes: false,
    financial_status: 'paid',
    fulfillment_status: null,
    landing_site: '/products/camiseta?utm_source=whatsapp',
    location_id: null,
    name: '#1042',
    note: null,
    note_attributes: [],
    number: 42,
    order_number: 1042,
    order_status_url:
      'https://loja.example.com/100000000/orders/aaaabbbbccccddddeeeeffff00001111/authenticate?key=0123456789abcdef',
    payment_gateway_names: ['shopify_payments'],
    phone: null,
    presentment_currency: currency,
    processed_at: '2026-11-18T10:22:29-03:00',
    referring_site: 'https://wa.me/',
    source_identifier: null,
    source_name: 'web',
    source_url: null,
    subtotal_price: '199.90',
    subtotal_price_set: inBoth(fields['subtotal_price'] ?? '199.90'),
    tags: '',
    taxes_included: true,
    test: false,
    token: 'aaaabbbbccccddddeeeeffff00001111',
    total_discounts: '10.00',
    total_line_items_price: '209.90',
    total_outstanding: '0.00',
    total_price: total,
    total_price_set: inBoth(total),
    total_shipping_price_set: inBoth('15.00'),
    total_tax: '0.00',
    total_tax_set: inBoth(fields['total_tax'] ?? '0.00'),
    updated_at: '2026-11-18T10:22:34-03:00',
    user_id: null,
    billing_address: shopifyAddress(),
    customer: shopifyCustomer(),
    fulfillments: [],
    line_items: [shopifyLineItem()],
    refunds: [],
    shipping_address: shopifyAddress(),
    shipping_lines: [shopifyShippingLine()],
    ...fields,
  };
}

export function shopifyShippingLine(fields: Json = {}): Json {
  const charged = { amount: fields['discounted_price'] ?? fields['price'] ?? '15.00', currency_code: 'BRL' };
  return {
    id: 5070000000001,
    code: 'Standard',
    is_removed: false,
    price: '15.00',
    discounted_price: fields['price'] ?? '15.00',
    discounted_price_set: { shop_money: charged, presentment_money: charged },
    title: 'Standard',
    phone: null,
    tax_lines: [],
    ...fields,
  };
}

/** A shipment; `shipment_status` is null until the carrier says something. The last two only GraphQL tells. */
export function shopifyFulfillment(fields: Json = {}): Json {
  const updatedAt = fields['updated_at'] ?? '2026-11-19T09:00:00-03:00';
  const isDelivered = fields['shipment_status'] === 'delivered';
  return {
    id: 4800000000001,
    admin_graphql_api_id: 'gid://shopify/Fulfillment/4800000000001',
    order_id: 5512345678901,
    name: '#1042.1',
    status: 'success',
    shipment_status: null,
    service: 'manual',
    tracking_company: null,
    tracking_numbers: [],
    created_at: '2026-11-19T09:00:00-03:00',
    updated_at: updatedAt,
    line_items: [],
    displayStatus: fields['shipment_status'] ?? 'fulfilled',
    deliveredAt: isDelivered ? updatedAt : null,
    ...fields,
  };
}

/** A refund of one line, sent back; another `restock_type` is of goods that were not. */
export function shopifyRefund(fields: Json = {}): Json {
  return {
    id: 930000000001,
    admin_graphql_api_id: 'gid://shopify/Refund/930000000001',
    order_id: 5512345678901,
    created_at: '2026-11-21T11:00:00-03:00',
    processed_at: '2026-11-21T11:00:00-03:00',
    note: null,
    refund_line_items: [
      { id: 410000000001, line_item_id: 14800000000001, quantity: 1, restock_type: 'return' },
    ],
    transactions: [],
    ...fields,
  };
}

export function shopifyAddress(fields: Json = {}): Json {
  return {
    first_name: 'Maria',
    last_name: 'Silva',
    name: 'Maria Silva',
    company: null,
    address1: 'Rua Exemplo, 100',
    address2: null,
    city: 'São Paulo',
    zip: '01310-100',
    province: 'São Paulo',
    province_code: 'SP',
    country: 'Brazil',
    country_code: 'BR',
    phone: '(11) 98665-4321',
    latitude: -23.5,
    longitude: -46.6,
    ...fields,
  };
}

export function shopifyCustomer(fields: Json = {}): Json {
  return {
    id: 8700000000001,
    admin_graphql_api_id: 'gid://shopify/Customer/8700000000001',
    email: 'maria@example.com',
    phone: null,
    first_name: 'Maria',
    last_name: 'Silva',
    state: 'disabled',
    verified_email: true,
    currency: 'BRL',
    default_address: { id: 10400000000001, customer_id: 8700000000001, default: true, ...shopifyAddress() },
    ...fields,
  };
}

/** Blanks what Shopify blanks while the app has no approval for protected customer data. */
export function withoutPersonalData(person: Json): Json {
  const blank = [
    'first_name',
    'last_name',
    'name',
    'email',
    'phone',
    'address1',
    'address2',
    'latitude',
    'longitude',
  ];
  return Object.fromEntries(
    Object.entries(person).map(([key, value]) => [
      key,
      blank.includes(key) ? null : isObject(value) ? withoutPersonalData(value) : value,
    ]),
  );
}

export function shopifyLineItem(fields: Json = {}): Json {
  const price = { amount: fields['price'] ?? '209.90', currency_code: 'BRL' };
  return {
    id: 14800000000001,
    admin_graphql_api_id: 'gid://shopify/LineItem/14800000000001',
    name: 'Camiseta - M',
    title: 'Camiseta',
    price: '209.90',
    price_set: { shop_money: price, presentment_money: price },
    product_id: 7900000000001,
    variant_id: 44100000000001,
    quantity: 1,
    current_quantity: 1,
    sku: 'CAM-M',
    gift_card: false,
    requires_shipping: true,
    taxable: true,
    total_discount: '0.00',
    vendor: 'Loja Exemplo',
    ...fields,
  };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
