import { jsonId } from './json.ts';

// Plausible Unix seconds; a time in milliseconds is far above.
const EARLIEST_SECONDS = Date.UTC(2015, 0) / 1000;
const LATEST_SECONDS = Date.UTC(2100, 0) / 1000;

/** A time of a WhatsApp webhook, in Unix seconds as a text or a number; null when it is none that can be true. */
export function readWhatsAppTime(timestamp: unknown): Date | null {
  const text = jsonId(timestamp);
  const seconds = text !== null && /^\d{1,12}$/.test(text) ? Number(text) : 0;
  if (seconds < EARLIEST_SECONDS || seconds > LATEST_SECONDS) return null;
  return new Date(seconds * 1000);
}
