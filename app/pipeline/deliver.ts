import type { Pipeline } from './context.ts';
import { createCourier } from './courier.ts';

export { sweepEvents } from './sweep.ts';

/**
 * Sends what is due now, one round of it, and waits for the answers. Each row is `sending` in the database before its
 * request leaves, and a row found in that state after its lease becomes `unknown` unless it is known never to have left:
 * Meta does not deduplicate messaging events
 * (https://developers.facebook.com/docs/marketing-api/conversions-api/business-messaging). Returns how many were claimed.
 */
export async function deliverBatch(pipeline: Pipeline): Promise<number> {
  const courier = createCourier(pipeline);
  const claimed = await courier.round();
  await courier.drain();
  return claimed;
}
