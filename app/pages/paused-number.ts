import { explain } from '../domain/explain.ts';
import { isReason } from '../domain/reason.ts';

/** Why a number is paused, in the merchant's words. */
export function pausedWords(reason: string | null): { sentence: string; fix: string | null } {
  if (reason === null || !isReason(reason))
    return { sentence: 'Reporting through this number is paused.', fix: null };
  const { sentence, fix } = explain(reason);
  return { sentence, fix };
}
