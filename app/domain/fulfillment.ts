import { z } from 'zod';
import { readParcels, type Parcel } from './follow-up.ts';
import type { OrderGid } from './ids.ts';
import { jsonId, parseJson } from './json.ts';
import { orderBody } from './order-body.ts';

/** What a shipment says of its order. */
export type Shipment = { gid: OrderGid; parcels: Parcel[] };

const shipmentBody = z.looseObject({
  order_id: z
    .unknown()
    .transform(jsonId)
    .pipe(z.string().regex(/^\d{1,20}$/)),
});

/** Reads the body of Shopify's webhooks about fulfillments; null for one that names no order. */
export function readShipment(body: string): Shipment | null {
  const parsed = parseJson(body);
  const read = shipmentBody.safeParse(parsed.kind === 'value' ? parsed.value : null);
  if (!read.success) return null;
  const shipments = orderBody.shape.fulfillments.parse([read.data]);
  return { gid: `gid://shopify/Order/${read.data.order_id}` as OrderGid, parcels: readParcels(shipments) };
}
