/** A bucket that fills with time and that every request takes one token from; in thousandths, which stay whole numbers. */
export type Bucket = { thousandths: number; at: Date };
export type Rate = { perSecond: number; burst: number };

const TOKEN = 1000;

/**
 * Takes one token; `waitMs` is 0 when there was one, else the milliseconds until there is. A bucket that was never used
 * (null) is full. A clock that is set back fills nothing.
 */
export function takeToken(
  bucket: Bucket | null,
  now: Date,
  { perSecond, burst }: Rate,
): { bucket: Bucket; waitMs: number } {
  const full = burst * TOKEN;
  const passedMs = bucket === null ? 0 : Math.max(0, now.getTime() - bucket.at.getTime());
  const thousandths = bucket === null ? full : Math.min(full, bucket.thousandths + passedMs * perSecond);
  return thousandths >= TOKEN
    ? { bucket: { thousandths: thousandths - TOKEN, at: now }, waitMs: 0 }
    : { bucket: { thousandths, at: now }, waitMs: Math.ceil((TOKEN - thousandths) / perSecond) };
}
