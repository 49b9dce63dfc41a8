import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether two secrets are the same, in time that depends on neither where they differ nor how long they are. */
export function isSameSecret(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
