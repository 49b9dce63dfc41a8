/** How figures and times are written on the admin's pages. Done on the server, so that browser and server agree. */

/** A shop's clock: its IANA zone (UTC when the shop has none that is known) and how a moment reads there. */
export type ShopClock = { zone: string; zoneName: string; time: (at: Date) => string };

/** The clock of a shop's IANA time zone. */
export function shopClock(timezone: string | null): ShopClock {
  const zone = timezone !== null && isTimeZone(timezone) ? timezone : 'UTC';
  const format = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short', timeZone: zone });
  return { zone, zoneName: zone.replaceAll('_', ' '), time: (at) => plainSpaces(format.format(at)) };
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** An amount in major units with its currency's symbol and digits: "R$184.30", "¥1,200". */
export function formatMoney(amount: number | string, currency: string): string {
  const number = Number(amount);
  try {
    return plainSpaces(new Intl.NumberFormat('en', { style: 'currency', currency }).format(number));
  } catch {
    return `${new Intl.NumberFormat('en').format(number)} ${currency}`;
  }
}

/** Sums by currency, the shop's own first: "R$1,200.00 + $30.00". No sums at all: nothing, in the shop's currency. */
export function formatSums(sums: ReadonlyMap<string, number>, shopCurrency: string | null): string {
  const own = shopCurrency === null ? [] : [[shopCurrency, sums.get(shopCurrency) ?? 0] as const];
  const foreign = [...sums].filter(([currency, amount]) => currency !== shopCurrency && amount !== 0);
  const parts = [...own.filter(([, amount]) => amount !== 0 || foreign.length === 0), ...foreign];
  return parts.length === 0
    ? '0'
    : parts.map(([currency, amount]) => formatMoney(amount, currency)).join(' + ');
}

/** "1,204". */
export function formatCount(count: number): string {
  return new Intl.NumberFormat('en').format(count);
}

/** A part of a whole as a percentage: "12.5%", "<0.1%" for the smallest, null when there is no whole. */
export function formatShare(part: number, whole: number): string | null {
  if (whole === 0) return null;
  const percent = (part / whole) * 100;
  if (part > 0 && percent < 0.1) return '<0.1%';
  if (part < whole && percent > 99.9) return '>99.9%';
  return `${new Intl.NumberFormat('en', { maximumFractionDigits: 1 }).format(percent)}%`;
}

const UNITS = [
  { name: 'd', ms: 86_400_000 },
  { name: 'h', ms: 3_600_000 },
  { name: 'min', ms: 60_000 },
  { name: 's', ms: 1_000 },
];

/** A span of time in its two largest units, cut, not rounded: "3 d 4 h", "2 h 10 min", "12 s". */
export function formatDuration(ms: number): string {
  const largest = UNITS.findIndex((unit) => ms >= unit.ms);
  if (largest === -1) return 'less than 1 s';
  let rest = ms;
  const parts = UNITS.slice(largest, largest + 2).map((unit) => {
    const count = Math.floor(rest / unit.ms);
    rest -= count * unit.ms;
    return count === 0 ? '' : `${count} ${unit.name}`;
  });
  return parts.filter(Boolean).join(' ');
}

/** How far one moment lies from the one before it: "2 h 10 min later", "at the same time". */
export function formatGap(from: Date, to: Date): string {
  const ms = to.getTime() - from.getTime();
  if (Math.abs(ms) < 1_000) return 'at the same time';
  return ms > 0 ? `${formatDuration(ms)} later` : `${formatDuration(-ms)} earlier`;
}

// Intl puts narrow no-break spaces (U+202F) before AM and PM; a plain space can be searched and read aloud.
function plainSpaces(text: string): string {
  return text.replaceAll('\u202f', ' ').replaceAll('\u00a0', ' ');
}
