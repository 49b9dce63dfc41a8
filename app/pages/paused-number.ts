import { explain } from '../domain/explain.ts';
import { isReason } from '../domain/reason.ts';

type Words = { sentence: string; fix: string | null };

/** Why nothing is sent through a number or a pixel, in the merchant's words. */
export function pausedWords(reason: string | null): Words {
  if (reason === null || !isReason(reason))
    return { sentence: 'Nothing is reported through it now.', fix: null };
  const { sentence, fix } = explain(reason);
  return { sentence, fix };
}
