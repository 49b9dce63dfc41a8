const CLOCK_SKEW_MS = 5 * 60 * 1000;

/**
 * When an order was paid, told by its orders/paid delivery, whose body carries no time of payment: the moment Shopify
 * says the delivery was triggered (the same on every retry), else the order's last update. A time before the order
 * existed or after the delivery came is not believed.
 */
export function paymentTime(input: {
  triggeredAt: Date | null;
  updatedAt: Date;
  createdAt: Date;
  receivedAt: Date;
}): Date {
  const earliest = input.createdAt.getTime() - CLOCK_SKEW_MS;
  const latest = input.receivedAt.getTime() + CLOCK_SKEW_MS;
  const believable = (time: Date | null): time is Date =>
    time !== null && time.getTime() >= earliest && time.getTime() <= latest;
  if (believable(input.triggeredAt)) return input.triggeredAt;
  return believable(input.updatedAt) ? input.updatedAt : input.receivedAt;
}

// https://shopify.dev/docs/api/admin-graphql/latest/enums/OrderDisplayFinancialStatus
const UNPAID: ReadonlySet<string> = new Set(['pending', 'authorized', 'partially_paid']);

/** Whether an order of this payment status is placed and still to be paid, in full or in part. */
export function isUnpaid(financialStatus: string | null): boolean {
  return financialStatus !== null && UNPAID.has(financialStatus);
}
