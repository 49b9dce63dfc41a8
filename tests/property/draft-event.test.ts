import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHANNELS } from '../../app/domain/channel.ts';
import { addressEvent } from '../../app/domain/conversion-event.ts';
import { dataLimits } from '../../app/domain/data-use.ts';
import { draftEvent } from '../../app/domain/draft-event.ts';
import { checkEvent } from '../../app/domain/event-check.ts';
import { EVENT_NAMES } from '../../app/domain/event-name.ts';
import { readOrder } from '../../app/domain/order.ts';
import type { PhoneDigits } from '../../app/domain/phone.ts';
import {
  CONTENT_IDS,
  DEFAULT_SETTINGS,
  LIMITED_DATA_USES,
  VALUE_CURRENCIES,
  VALUE_RULES,
} from '../../app/domain/settings.ts';
import { shopifyAddress, shopifyCustomer, shopifyLineItem, shopifyOrder } from '../builders/shopify.ts';
import { judgeData } from '../sandbox/conversion-rules.ts';

const NOW = new Date('2026-11-18T14:00:00Z');
const WABA = '102290129340398';
const CLICK = 'Aff-n8ZTODiE79d22KtAwQ';

const words = fc.oneof(
  fc.constant(null),
  fc.constantFrom('', ' ', '-', 'São Paulo', '東京', '94035-1234'),
  fc.string(),
);
const amount = fc.oneof(
  fc.constantFrom('214.90', '0.00', '1000', '1.5005', '12345678.05', '-3.00'),
  fc.integer({ min: 0, max: 10 ** 9 }).map((cents) => (cents / 100).toFixed(2)),
);
const address = fc.option(
  fc
    .record({
      ...{ first_name: words, last_name: words, city: words, province: words, zip: words },
      province_code: fc.constantFrom(null, 'CA', 'SP', 'NSW'),
      country_code: fc.constantFrom('US', 'BR', 'GB', null),
    })
    .map((fields) => shopifyAddress(fields)),
);
const line = fc
  .record({
    price: amount,
    quantity: fc.integer({ min: 1, max: 99 }),
    variant_id: fc.option(fc.constant(44100000000001)),
    product_id: fc.option(fc.constant(7900000000001)),
  })
  .map((fields) => shopifyLineItem(fields));
const body = fc
  .record({
    total_price: amount,
    currency: fc.constantFrom('BRL', 'JPY', 'KWD', 'USD'),
    presentment_currency: fc.constantFrom('EUR', 'JPY', 'BRL'),
    subtotal_price: amount,
    total_tax: amount,
    taxes_included: fc.boolean(),
    email: fc.oneof(words, fc.constant('maria@example.com')),
    contact_email: fc.constant(null),
    customer: fc.option(fc.constant(shopifyCustomer({ default_address: null }))),
    shipping_address: address,
    billing_address: address,
    line_items: fc.array(line, { maxLength: 3 }),
    landing_site: fc.oneof(words, fc.webUrl(), fc.constantFrom('/products/a?fbclid=IwAR2F4', '/?fbclid=%20')),
    order_status_url: fc.constantFrom(null, 'https://loja.example.com/1/orders/2', 'x'),
    client_details: fc.option(
      fc.record({
        user_agent: fc.constantFrom(null, 'Mozilla/5.0'),
        browser_ip: fc.oneof(words, fc.ipV4(), fc.ipV6()),
      }),
    ),
    browser_ip: words,
  })
  .map((fields) => shopifyOrder(fields));
const settings = fc
  .record({
    valueRule: fc.constantFrom(...VALUE_RULES),
    valueCurrency: fc.constantFrom(...VALUE_CURRENCIES),
    contentIds: fc.constantFrom(...CONTENT_IDS),
    sendCustomerHashes: fc.boolean(),
    limitedDataUse: fc.constantFrom(...LIMITED_DATA_USES),
    attributionOnly: fc.boolean(),
  })
  .map((some) => ({ ...DEFAULT_SETTINGS, ...some }));
const told = fc.record({
  channel: fc.constantFrom(...CHANNELS),
  name: fc.constantFrom(...EVENT_NAMES),
  clickId: fc.constantFrom(CLICK, null),
});

test('whatever order is read and however a shop sets it up, Meta takes the event that is made of it', () => {
  const made = { business_messaging: 0, website: 0, physical_store: 0 };
  fc.assert(
    fc.property(body, settings, told, (fields, set, { channel, name, clickId }) => {
      const read = readOrder(JSON.stringify(fields));
      if (read.kind !== 'order') throw new Error(JSON.stringify(read));
      const { order } = read;
      const phones = ['5511987654321' as PhoneDigits];
      const draft = draftEvent({ order, paid: order.amounts, settings: set, phones });
      const eventName = channel === 'business_messaging' ? name : 'Purchase';
      const event = addressEvent(draft, {
        report: { kind: 'report', eventName, channel, eventId: 'e', eventTime: NOW, deadline: NOW },
        ...{ wabaId: WABA, clickId, limits: dataLimits(set, order.region, false) },
      });
      if (event === null) return;
      made[channel] += 1;
      expect(checkEvent(event, NOW)).toEqual([]);
      const nowSeconds = NOW.getTime() / 1000;
      const dataset =
        channel === 'business_messaging'
          ? { kind: 'chat' as const, wabaId: WABA, nowSeconds, ownsClick: (id: string) => id === CLICK }
          : { kind: 'pixel' as const, nowSeconds };
      expect(judgeData({ data: [JSON.parse(JSON.stringify(event))] }, dataset)).not.toHaveProperty('message');
    }),
    { numRuns: 1_000 },
  );
  for (const count of Object.values(made)) expect(count).toBeGreaterThan(50);
});
