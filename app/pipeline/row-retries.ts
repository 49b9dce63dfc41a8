import { VaultError } from '../storage/vault.ts';
import type { Pipeline } from './context.ts';

const MINUTE_MS = 60_000;
// Waits of 1, 4, 16, … minutes: almost a day in all.
const MOST_ATTEMPTS = 7;

/** A kind of rows that are due, and how they are worked. */
export type RowWork<Row extends { attempts: number }> = {
  /** Works what is due in one transaction; how many rows that were. */
  together(): Promise<number>;
  /** The rows that are due, with how often each failed. */
  due(): Promise<Row[]>;
  /** Works one row in a transaction of its own. */
  alone(row: Row): Promise<unknown>;
  /** Notes that a row failed; `next` is null when it is given up. */
  putOff(row: Row, next: Date | null): Promise<unknown>;
  /** The row's ids, for the log: what it says is nobody's business. */
  idsOf(row: Row): Record<string, string | number>;
};

/**
 * Works rows together, and when that fails one by one, so that one that cannot be opened holds up no other: it is put off
 * with growing waits and given up after a day. Returns how many rows were looked at.
 */
export async function workRows<Row extends { attempts: number }>(
  { clock, log }: Pick<Pipeline, 'clock' | 'log'>,
  work: RowWork<Row>,
): Promise<number> {
  try {
    return await work.together();
  } catch (error) {
    log.warn({ problem: nameOf(error) }, 'a batch of rows failed; trying them one by one');
  }
  const due = await work.due();
  for (const row of due) {
    try {
      await work.alone(row);
    } catch (error) {
      const attempts = row.attempts + 1;
      const wait = MINUTE_MS * 4 ** row.attempts;
      const next = attempts < MOST_ATTEMPTS ? new Date(clock().getTime() + wait) : null;
      await work.putOff(row, next);
      log.error(
        { ...work.idsOf(row), attempts, last: next === null, problem: nameOf(error) },
        'a row failed',
      );
    }
  }
  return due.length;
}

/** An error's own words may hold what the row says; the vault's name a key and nothing else. */
function nameOf(error: unknown): string {
  if (error instanceof VaultError) return error.message;
  return error instanceof Error ? error.name : 'unknown error';
}
