import { expect, test } from 'vitest';
import { orderClues } from '../../app/domain/clue.ts';
import type { Clue } from '../../app/domain/clue.ts';
import { linkOrder, SIGNALS } from '../../app/domain/link.ts';
import type { FoundClue, LinkOutcome } from '../../app/domain/link.ts';
import { buildYear } from '../builders/year.ts';
import type { Year, YearOrder } from '../builders/year.ts';
import { SHOP } from '../builders/year-checkout.ts';

const PHONE_LIMIT = 5;

type Judged = { made: YearOrder; outcome: LinkOutcome };

/** Links the year's orders one after another, as they came in. */
function linkYear(year: Year): Judged[] {
  const buyers = new Map<string, Set<string>>();
  return year.orders.map((made) => {
    const { clues, phones } = orderClues(made.order, SHOP);
    const found = clues.map((clue): FoundClue => ({
      ...clue,
      buyers: countBuyers(clue, made, buyers),
      found: lookUp(clue, year) ?? null,
    }));
    const { fromDraft } = made;
    return {
      made,
      outcome: linkOrder({ phones, fromDraft, clues: found, staff: null, phoneLimit: PHONE_LIMIT }),
    };
  });
}

function countBuyers({ kind, value }: Clue, { order }: YearOrder, buyers: Map<string, Set<string>>): number {
  if (kind !== 'phone') return 0;
  const known = buyers.get(value) ?? new Set();
  buyers.set(value, known.add(order.customerGid ?? ''));
  return known.size;
}

function lookUp({ kind, value }: Clue, year: Year) {
  switch (kind) {
    case 'phone':
      return year.phones.get(value);
    case 'reference':
      return year.references.get(value);
    case 'discount_code':
      return year.discountCodes.get(value);
  }
}

type Row = { name: string; orders: number; linkable: number; linked: number; wrong: number; missed: number };

function count(name: string, judged: readonly Judged[]): Row {
  const linked = judged.filter(({ outcome }) => outcome.kind === 'linked');
  const linkable = judged.filter(({ made }) => made.truth.signals.length > 0);
  return {
    name,
    orders: judged.length,
    linkable: linkable.length,
    linked: linked.length,
    wrong: linked.filter((one) => !isRight(one)).length,
    missed: linkable.filter((one) => !isRight(one)).length,
  };
}

function isRight({ made, outcome }: Judged): boolean {
  return outcome.kind === 'linked' && outcome.contactId === made.truth.contactId;
}

/** A signal's precision is over the orders linked by it, its recall over those that truly carry it. */
function countSignals(judged: readonly Judged[]): Row[] {
  return SIGNALS.filter((signal) => signal !== 'staff').map((signal) => {
    const carrying = judged.filter(({ made }) => made.truth.signals.includes(signal));
    const by = judged.filter(({ outcome }) => outcome.kind === 'linked' && outcome.signal === signal);
    const { linked, wrong } = count(signal, by);
    return { ...count(signal, carrying), linked, wrong };
  });
}

function precision({ linked, wrong }: Row): number {
  return linked === 0 ? 1 : 1 - wrong / linked;
}

function recall({ linkable, missed }: Row): number {
  return linkable === 0 ? 1 : 1 - missed / linkable;
}

function table(rows: readonly Row[]): string {
  const head = ['', 'orders', 'linkable', 'linked', 'wrong', 'missed', 'precision', 'recall'];
  const lines = rows.map((row) => [
    row.name,
    ...[row.orders, row.linkable, row.linked, row.wrong, row.missed].map(String),
    ...[precision(row), recall(row)].map((share) => share.toFixed(4)),
  ]);
  return [head, ...lines]
    .map(([name = '', ...cells]) => name.padEnd(22) + cells.map((cell) => cell.padStart(10)).join(''))
    .join('\n');
}

test('of a year of 50,000 orders nearly every one that can be linked is, and to the right conversation', () => {
  const year = buildYear(2026);
  const judged = linkYear(year);
  const circumstances = Map.groupBy(judged, ({ made }) => made.truth.circumstance);
  const all = count('all', judged);
  const rows = [...circumstances]
    .map(([name, some]) => count(name, some))
    .sort((a, b) => b.orders - a.orders);
  process.stdout.write(`${table([...countSignals(judged), all])}\n\n${table(rows)}\n`);

  expect([year.orders.length, year.contacts]).toEqual([50_000, 20_000]);
  expect(precision(all)).toBeGreaterThanOrEqual(0.999);
  expect(recall(all)).toBeGreaterThanOrEqual(0.99);
}, 60_000);
