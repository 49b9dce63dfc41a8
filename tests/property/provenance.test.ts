import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SIGNALS } from '../../app/domain/link.ts';
import { provenanceOf, PROVENANCES } from '../../app/domain/provenance.ts';

const SHOPIFYS = [
  ...['web', 'pos', 'shopify_draft_order', 'shopify_admin'],
  ...['subscription_contract', 'subscription_contract_checkout_one'],
];
const name = fc.oneof(fc.string(), fc.constantFrom(...SHOPIFYS, '283439955969', 'constructor', '__proto__'));
const order = fc.record({
  sourceName: fc.option(name),
  appId: fc.option(fc.string()),
  gateways: fc.array(fc.oneof(fc.string(), fc.constant('manual')), { maxLength: 3 }),
  test: fc.boolean(),
  total: fc.oneof(fc.constantFrom('0.00', '214.90', '-1.00'), fc.string()),
  hasCheckout: fc.boolean(),
  tags: fc.array(fc.oneof(fc.string(), fc.constant('Subscription Recurring Order')), { maxLength: 3 }),
});
const signal = fc.option(fc.constantFrom(...SIGNALS));

test('every order has a provenance, whatever Shopify says of it', () => {
  fc.assert(
    fc.property(order, signal, (one, by) => {
      expect(PROVENANCES).toContain(provenanceOf(one, by).provenance);
    }),
    { numRuns: 1000 },
  );
});

test('a name that is not Shopify’s own stays visible, and Shopify’s own are not taken for a channel', () => {
  fc.assert(
    fc.property(order, signal, (one, by) => {
      const written = one.sourceName?.trim() ?? '';
      if (written === '') return;
      const { channel } = provenanceOf(one, by);
      expect(channel).toBe(SHOPIFYS.includes(written.toLowerCase()) ? null : written);
    }),
    { numRuns: 1000 },
  );
});

test('an unknown name is never taken for a sale of the online store or of the shop itself', () => {
  fc.assert(
    fc.property(order, signal, (one, by) => {
      const { provenance, channel } = provenanceOf(one, by);
      if (channel !== null) expect(['online_store', 'point_of_sale']).not.toContain(provenance);
    }),
    { numRuns: 1000 },
  );
});

test('a test is a test and a free order free, whatever else they look like', () => {
  fc.assert(
    fc.property(order, signal, (one, by) => {
      expect(provenanceOf({ ...one, test: true }, by).provenance).toBe('test');
      expect(provenanceOf({ ...one, test: false, total: '0.00' }, by).provenance).toBe('free');
    }),
  );
});
