import type { OrderRecord } from './shopify-shop.ts';

export type OrderPredicate = (order: OrderRecord) => boolean;
type Tokens = { words: string[]; at: number };

const WORD = /\s*([()]|AND\b|OR\b|NOT\b|-?[a-z_]+:(?:[<>]=?)?(?:'[^']*'|"[^"]*"|[^\s()]+))/y;
const DATE_FIELDS: ReadonlySet<string> = new Set(['created_at', 'updated_at', 'processed_at']);
const WORD_FIELDS: ReadonlySet<string> = new Set([
  'financial_status',
  'test',
  'name',
  'source_name',
  'email',
]);

/**
 * Shopify's search syntax over orders (shopify.dev/docs/api/usage/search-syntax), for the fields the sandbox knows.
 * `offsetMinutes` is the shop's time zone, in which Shopify reads a date without a time.
 * Throws for syntax or a field it does not know, where Shopify would quietly ignore the term.
 */
export function orderSearch(query: string, offsetMinutes: number): OrderPredicate {
  const words: string[] = [];
  WORD.lastIndex = 0;
  for (let rest = query.trim(), at = 0; at < rest.length; at = WORD.lastIndex) {
    WORD.lastIndex = at;
    const word = WORD.exec(rest)?.[1];
    if (word === undefined)
      throw new Error(`The pretend Shopify cannot read the search "${query}" from "${rest.slice(at)}".`);
    words.push(word);
  }
  if (words.length === 0) return () => true;
  const tokens = { words, at: 0 };
  const predicate = readAny(tokens, offsetMinutes);
  if (tokens.at < words.length)
    throw new Error(`The search "${query}" closes a parenthesis that was not opened.`);
  return predicate;
}

function readAny(tokens: Tokens, offsetMinutes: number): OrderPredicate {
  const choices = [readAll(tokens, offsetMinutes)];
  while (tokens.words[tokens.at] === 'OR') {
    tokens.at += 1;
    choices.push(readAll(tokens, offsetMinutes));
  }
  return (order) => choices.some((choice) => choice(order));
}

function readAll(tokens: Tokens, offsetMinutes: number): OrderPredicate {
  const terms: OrderPredicate[] = [];
  for (;;) {
    const word = tokens.words[tokens.at];
    if (word === undefined || word === ')' || word === 'OR') break;
    if (word === 'AND') tokens.at += 1;
    terms.push(readTerm(tokens, offsetMinutes));
  }
  if (terms.length === 0) throw new Error('The search has an empty term.');
  return (order) => terms.every((term) => term(order));
}

function readTerm(tokens: Tokens, offsetMinutes: number): OrderPredicate {
  const word = tokens.words[tokens.at];
  tokens.at += 1;
  if (word === undefined) throw new Error('The search ends where a term should follow.');
  if (word === 'NOT') {
    const denied = readTerm(tokens, offsetMinutes);
    return (order) => !denied(order);
  }
  if (word === '(') {
    const inner = readAny(tokens, offsetMinutes);
    if (tokens.words[tokens.at] !== ')') throw new Error('The search leaves a parenthesis open.');
    tokens.at += 1;
    return inner;
  }
  if (word.startsWith('-')) {
    const denied = readFilter(word.slice(1), offsetMinutes);
    return (order) => !denied(order);
  }
  return readFilter(word, offsetMinutes);
}

function readFilter(word: string, offsetMinutes: number): OrderPredicate {
  const [, field = '', comparator = '', quoted = ''] = /^([a-z_]+):([<>]=?)?(.*)$/s.exec(word) ?? [];
  const value = quoted.replace(/^(['"])(.*)\1$/s, '$2');
  if (DATE_FIELDS.has(field)) {
    const limit = readInstant(value, offsetMinutes);
    return (order) => compares(Date.parse(String(order[field])), comparator, limit);
  }
  if (!WORD_FIELDS.has(field) || comparator !== '') {
    throw new Error(`The pretend Shopify cannot filter orders by "${word}".`);
  }
  const wanted = value.toLowerCase().split(',');
  return (order) => wanted.includes(String(order[field] ?? '').toLowerCase());
}

function readInstant(value: string, offsetMinutes: number): number {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(value);
  const instant = Date.parse(value) - (isDay ? offsetMinutes * 60_000 : 0);
  if (Number.isNaN(instant)) throw new Error(`The pretend Shopify cannot read the date "${value}".`);
  return instant;
}

function compares(instant: number, comparator: string, limit: number): boolean {
  switch (comparator) {
    case '>':
      return instant > limit;
    case '>=':
      return instant >= limit;
    case '<':
      return instant < limit;
    case '<=':
      return instant <= limit;
    default:
      throw new Error('The pretend Shopify compares dates only with >, >=, < or <=.');
  }
}
