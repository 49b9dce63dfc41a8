import { expect, test } from 'vitest';
import { readShipment } from '../../app/domain/fulfillment.ts';
import { shopifyFulfillment } from '../builders/shopify.ts';

const CREATED = '2026-11-19T09:00:00-03:00';
const UPDATED = '2026-11-20T10:00:00-03:00';
const ID = '4800000000001';
const GID = 'gid://shopify/Order/5512345678901';
const read = (fields: Record<string, unknown>) =>
  readShipment(JSON.stringify(shopifyFulfillment({ created_at: CREATED, updated_at: UPDATED, ...fields })));

test('a shipment tells when its order left', () => {
  expect(read({})).toEqual({
    gid: GID,
    parcels: [{ id: ID, shippedAt: new Date(CREATED), deliveredAt: null, cancelled: false }],
  });
});

test('and when it arrived, by its last update', () => {
  expect(read({ shipment_status: 'delivered' })?.parcels).toMatchObject([
    { shippedAt: new Date(CREATED), deliveredAt: new Date(UPDATED) },
  ]);
});

test.each(['pending', 'open', 'cancelled', 'error', 'failure', null])(
  'one of status %j has not left',
  (status) => {
    const parcel = { id: ID, shippedAt: null, deliveredAt: null, cancelled: true };
    const { parcels } = read({ status, shipment_status: 'delivered' }) ?? {};
    expect(parcels).toEqual(status === 'cancelled' ? [parcel] : []);
  },
);

test('an order’s id keeps all of its digits', () => {
  expect(readShipment('{"order_id":55123456789012345678,"status":"success"}')?.gid).toBe(
    'gid://shopify/Order/55123456789012345678',
  );
});

test.each(['', '[]', 'null', '{}', '{"order_id":null}', '{"order_id":"x"}', '{"order_id":{}}'])(
  '%j names no order',
  (body) => {
    expect(readShipment(body)).toBeNull();
  },
);
