import type { ErrorWords } from './graph-error-catalogue.ts';
import { findError } from './meta-error.ts';

const UNKNOWN: ErrorWords = {
  title: 'Not in Tieback’s list',
  meaning: 'Meta answered with an error that Tieback does not know. Its whole answer is kept.',
  whose: 'tieback',
  fix: 'Send the whole answer to the team that runs Tieback.',
};

/**
 * What one of Meta's errors means for people, by its code as `errorCode` writes it ("100/2804087"). Never by Meta's own
 * words: they come in the language of whoever owns the token.
 */
export function explainMetaError(code: string): ErrorWords {
  const [, whole, sub] = /^(\d{1,9})(?:\/(\d{1,9}))?$/.exec(code) ?? [];
  const known = whole === undefined ? null : findError(Number(whole), sub === undefined ? null : Number(sub));
  if (known === null) return UNKNOWN;
  const { title, meaning, whose, fix } = known;
  return { title, meaning, whose, fix };
}
