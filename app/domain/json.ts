export type JsonObject = Readonly<Record<string, unknown>>;

// TypeScript's library does not know these two yet: https://github.com/tc39/proposal-json-parse-with-source
type SourceReviver = (key: string, value: unknown, context: { source?: string }) => unknown;
type JsonWithSource = {
  parse(text: string, reviver: SourceReviver): unknown;
  rawJSON(text: string): object;
};
const json = JSON as unknown as JsonWithSource;

// A number literal follows the start, a colon, a comma or a bracket. A string may look like this too: that only costs
// the slow path.
const MAY_HOLD_BIG_INTEGER = /(?:^|[:[,])\s*-?\d{16}/;
const INTEGER = /^-?\d+$/;

/**
 * Parses JSON without losing ids: integers that a double cannot hold come back as bigint (Shopify's own sample order
 * has one, https://shopify.dev/docs/api/webhooks). Never throws.
 */
export function parseJson(text: string): { kind: 'value'; value: unknown } | { kind: 'not_json' } {
  try {
    const value = MAY_HOLD_BIG_INTEGER.test(text) ? json.parse(text, reviveBigInteger) : JSON.parse(text);
    return { kind: 'value', value };
  } catch {
    return { kind: 'not_json' };
  }
}

function reviveBigInteger(_key: string, value: unknown, context: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  return context.source !== undefined && INTEGER.test(context.source) ? BigInt(context.source) : value;
}

/**
 * Writes what `parseJson` read; a bigint becomes its bare digits. What JSON cannot hold becomes null.
 * Throws RangeError when the value is nested deeper than the stack.
 */
export function writeJson(value: unknown): string {
  const text: string | undefined = JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'bigint' ? json.rawJSON(part.toString()) : part,
  );
  return text ?? 'null';
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The elements of an array, or none. */
export function jsonArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text with something in it, or null. What PostgreSQL cannot hold goes: NUL, and halves of a character. */
export function jsonText(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const text = value.replaceAll('\u0000', '').toWellFormed();
  return text.trim() === '' ? null : text;
}

/** An id that came as a text or as an integer, as text. */
export function jsonId(value: unknown): string | null {
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return String(value);
  return jsonText(value);
}
