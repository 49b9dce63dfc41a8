// Exact arithmetic on amounts as Shopify writes them, "214.90". Each function throws RangeError for what is no decimal
// number.

export function add(a: string, b: string): string {
  const places = Math.max(placesOf(a), placesOf(b));
  return written(inUnits(a, places) + inUnits(b, places), places);
}

export function subtract(a: string, b: string): string {
  const places = Math.max(placesOf(a), placesOf(b));
  return written(inUnits(a, places) - inUnits(b, places), places);
}

export function smallerOf(a: string, b: string): string {
  return subtract(a, b).startsWith('-') ? a : b;
}

export function largerOf(a: string, b: string): string {
  return subtract(a, b).startsWith('-') ? b : a;
}

/** To so many decimal places, a half away from zero. */
export function roundTo(amount: string, places: number): string {
  const dropped = placesOf(amount) - places;
  if (dropped <= 0) return written(inUnits(amount, places), places);
  const units = inUnits(amount, placesOf(amount));
  const step = 10n ** BigInt(dropped);
  // A division of bigints drops what is left over.
  return written((units + (units < 0n ? -step : step) / 2n) / step, places);
}

function placesOf(amount: string): number {
  return (amount.split('.')[1] ?? '').length;
}

function inUnits(amount: string, places: number): bigint {
  const [, sign, whole, decimals = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(amount) ?? [];
  if (whole === undefined) throw new RangeError('not a decimal number');
  return BigInt(`${sign ?? ''}${whole}${decimals.padEnd(places, '0')}`);
}

function written(units: bigint, places: number): string {
  const digits = String(units < 0n ? -units : units).padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  const decimals = places === 0 ? '' : `.${digits.slice(-places)}`;
  return `${units < 0n ? '-' : ''}${whole}${decimals}`;
}
