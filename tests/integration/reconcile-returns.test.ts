import { expect, test } from 'vitest';
import { readGraphqlOrder } from '../../app/domain/graphql-order.ts';
import { readOrders } from '../../app/platforms/shopify/admin-orders.ts';
import { shopifyFulfillment, shopifyRefund, shopifyShippingLine } from '../builders/shopify.ts';
import { openInstalled } from './installed.ts';
import { gidOf } from './linking.ts';
import { SHOP } from './tieback.ts';

const AT = '2026-11-21T14:00:00.000Z';
const lines = (count: number, last: string) =>
  Array.from({ length: count }, (_, nth) => ({
    id: nth,
    restock_type: nth === count - 1 ? last : 'no_restock',
  }));

async function readBack(fields: Record<string, unknown>) {
  const { openAdmin, sell } = await openInstalled();
  sell({ id: 1, ...fields });
  const access = await openAdmin(SHOP);
  if (access.kind !== 'open') throw new Error(access.problem);
  const answer = await readOrders(access.client, [gidOf(1)]);
  if (answer.kind !== 'answered') throw new Error(JSON.stringify(answer));
  const [node] = answer.data;
  const read = node && readGraphqlOrder(node);
  if (read?.kind !== 'order') throw new Error('the order could not be read');
  return read.order;
}

test.each([1, 2, 3, 300])('a return is found on the last of %d lines of a refund', async (count) => {
  const refunds = [shopifyRefund({ created_at: AT, refund_line_items: lines(count, 'return') })];
  expect(await readBack({ refunds })).toMatchObject({ returnedAt: new Date(AT) });
});

test('a refund of many lines of which none came back is no return', async () => {
  const refunds = [shopifyRefund({ created_at: AT, refund_line_items: lines(300, 'cancel') })];
  expect(await readBack({ refunds })).toMatchObject({ returnedAt: null });
});

test('Shopify’s list tells what shipping cost after discounts, and which parcels were cancelled', async () => {
  const shipping_lines = [shopifyShippingLine({ discounted_price: '0.00' })];
  const fulfillments = [shopifyFulfillment({ id: 7, status: 'cancelled' })];
  const order = await readBack({ total_price: '204.90', shipping_lines, fulfillments });
  expect(order.amounts.shop).toMatchObject({ subtotal: '199.90', shipping: '0.00' });
  expect(order.parcels).toEqual([{ id: '7', shippedAt: null, deliveredAt: null, cancelled: true }]);
});
