/**
 * A purchase that Meta itself detected in a chat; `orderGid`: the order that it was found to be, or the subject of the event
 * over the API, if any.
 */
export type AutomaticPurchase = { key: string; at: Date; orderGid: string | null };

// People settle on an order in the chat before they place it, and write of it again once it is paid.
const AROUND_ORDER_MS = 72 * 60 * 60 * 1000;

/**
 * The detected purchase that an order (or a sale told over the API) of the same contact is: one from after the credited click, at most 72 hours before
 * the order was placed and 72 hours after it was paid. Each stands for one order: what is another's already is left out.
 * https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/automatic-events-api
 */
export function detectedAs(
  order: { gid: string; clickedAt: Date; placedAt: Date; paidAt: Date },
  detected: readonly AutomaticPurchase[],
): AutomaticPurchase | null {
  const opens = Math.max(order.clickedAt.getTime(), order.placedAt.getTime() - AROUND_ORDER_MS);
  const closes = order.paidAt.getTime() + AROUND_ORDER_MS;
  const [first] = detected
    .filter(({ orderGid }) => orderGid === null || orderGid === order.gid)
    .filter(({ at }) => at.getTime() >= opens && at.getTime() <= closes)
    .toSorted(
      (a, b) =>
        Number(b.orderGid !== null) - Number(a.orderGid !== null) ||
        a.at.getTime() - b.at.getTime() ||
        (a.key < b.key ? -1 : 1),
    );
  return first ?? null;
}
