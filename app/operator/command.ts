import { parseArgs } from 'node:util';
import type { Shop } from '../../prisma/generated/client.ts';
import { isShopDomain } from '../domain/shop-domain.ts';
import type { Pipeline } from '../pipeline/context.ts';
import { findShop } from '../pipeline/shop.ts';

/** What a command has to say: `json` for programs, `text` for people. */
export type Result = { json: unknown; text: string; failed?: boolean };

export type Command = {
  usage: string;
  purpose: string;
  /** Reads the arguments before anything is opened. Throws UsageError. */
  prepare(args: string[]): (pipeline: Pipeline) => Promise<Result>;
};

/** Wrong arguments: exit code 2. */
export class UsageError extends Error {}

export type Flags<Required extends string, Optional extends string> = Record<Required, string> &
  Record<Optional, string | null> & { rest: string[] };

/** Reads `--name value` flags alone. Throws UsageError for one that is missing, empty or not known, or a word beside them. */
export function readFlags<Required extends string, Optional extends string = never>(
  args: string[],
  required: readonly Required[],
  optional: readonly Optional[] = [],
): Flags<Required, Optional> {
  const flags = readFlagsAndRest(args, required, optional);
  const [word] = flags.rest;
  if (word !== undefined) throw new UsageError(`unexpected "${word}"`);
  return flags;
}

/** Reads `--name value` flags and leaves the other words in `rest`. Throws UsageError as `readFlags` does. */
export function readFlagsAndRest<Required extends string, Optional extends string = never>(
  args: string[],
  required: readonly Required[],
  optional: readonly Optional[] = [],
): Flags<Required, Optional> {
  const names = [...required, ...optional];
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  let parsed;
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const value = (name: string): string | null => {
    const given = parsed.values[name];
    return typeof given === 'string' && given !== '' ? given : null;
  };
  const missing = required.filter((name) => value(name) === null);
  if (missing.length > 0) throw new UsageError(`missing ${missing.map((name) => `--${name}`).join(', ')}`);
  const flags = Object.fromEntries(names.map((name) => [name, value(name)]));
  return { ...flags, rest: parsed.positionals } as Flags<Required, Optional>;
}

/** A `--shop` value in its one spelling. Throws UsageError. */
export function shopDomain(given: string): string {
  const domain = given.toLowerCase();
  if (!isShopDomain(domain)) throw new UsageError(`--shop must look like name.myshopify.com, not ${given}`);
  return domain;
}

/** The shop of that domain; throws when Tieback does not know it, which is a failure, not a wrong use. */
export async function requireShop(pipeline: Pipeline, domain: string): Promise<Shop> {
  const shop = await findShop(pipeline, domain);
  if (!shop) throw new Error(`no shop ${domain}: it has neither installed Tieback nor been connected`);
  return shop;
}

/** Rows as aligned columns under a heading. */
export function table(rows: readonly Record<string, unknown>[], empty: string): string {
  const [first] = rows;
  if (!first) return empty;
  const names = Object.keys(first);
  const cells = [names, ...rows.map((row) => names.map((name) => cell(row[name])))];
  const widths = names.map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)));
  return cells
    .map((line) =>
      line
        .map((text, index) => text.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '-';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
