import { errorCode, type MetaError } from '../domain/outcome.ts';
import { classifyError } from '../domain/meta-error.ts';
import { readObjectType, type NotFound } from '../platforms/meta/assets.ts';
import type { Pipeline } from './context.ts';

/** What came of checking a value against Meta. */
export type Finding<T, F extends string> =
  | { kind: 'fine'; value: T; detail: string }
  | { kind: 'wrong'; field: F; problem: string; fix: string }
  /** Meta did not answer, so nothing can be said about the value. */
  | { kind: 'unreachable' };

type Kind = 'account' | 'number' | 'dataset' | 'other';

// By Graph's type names, in lower case. A pixel and the dataset of a WhatsApp account are of one type.
const OBJECTS: ReadonlyMap<string, { kind: Kind; words: string }> = new Map([
  ['whatsappbusinessaccount', { kind: 'account', words: 'a WhatsApp Business Account' }],
  ['whatsappbusinessphonenumber', { kind: 'number', words: 'a phone number' }],
  ['whatsappphonenumber', { kind: 'number', words: 'a phone number' }],
  ['adspixel', { kind: 'dataset', words: 'a dataset or pixel' }],
  ['adsdataset', { kind: 'dataset', words: 'a dataset or pixel' }],
  ['offlineconversiondataset', { kind: 'dataset', words: 'a dataset for offline events' }],
  ['page', { kind: 'other', words: 'a Facebook Page' }],
  ['adaccount', { kind: 'other', words: 'an ad account' }],
  ['business', { kind: 'other', words: 'a business portfolio' }],
  ['application', { kind: 'other', words: 'a Meta app' }],
  ['user', { kind: 'other', words: 'a person’s Facebook account' }],
  ['systemuser', { kind: 'other', words: 'a system user' }],
  ['iguser', { kind: 'other', words: 'an Instagram account' }],
  ['shadowiguser', { kind: 'other', words: 'an Instagram account' }],
  ['campaign', { kind: 'other', words: 'an ad campaign' }],
  ['adset', { kind: 'other', words: 'an ad set' }],
  ['ad', { kind: 'other', words: 'an ad' }],
]);

/** Says what an id really is the id of, when that is not what was wanted; null when it is, or when Meta does not say. */
export async function nameMistake(
  pipeline: Pipeline,
  given: { id: string; token: string; wanted: Exclude<Kind, 'other'> },
): Promise<string | null> {
  const answer = await readObjectType(pipeline.graph, given.id, given.token);
  if (answer.kind !== 'found') return null;
  const known = OBJECTS.get(answer.value.toLowerCase());
  if (known?.kind === given.wanted) return null;
  return `This is the ID of ${known?.words ?? `something that Meta calls “${answer.value}”`}.`;
}

/** A refusal of the token itself, in words; null when the token is not what Meta refused. */
export function tokenProblem(error: MetaError): { field: 'token'; problem: string; fix: string } | null {
  if (classifyError(error, 400).reason !== 'wiring_token') return null;
  const expired = error.subcode === 463;
  return {
    field: 'token',
    problem: expired ? 'This access token has expired.' : 'Meta does not accept this access token.',
    fix: `${expired ? 'Make a new one in Meta’s business settings.' : 'Copy it again, whole, or make a new one in Meta’s business settings.'} ${codeWords(error)}`,
  };
}

/** Whether Meta refused for want of a permission. */
export function isPermission(error: MetaError): boolean {
  return classifyError(error, 400).reason === 'wiring_permission';
}

export function codeWords(error: MetaError): string {
  return `(Meta’s code: ${errorCode(error)}.)`;
}

/** What every question to Meta can come to beside its own answers: no answer, no token, too many questions. */
export function commonFailure(
  pipeline: Pipeline,
  answer: NotFound,
): Exclude<Finding<never, 'token'>, { kind: 'fine' }> | null {
  if (answer.kind === 'no_answer') {
    pipeline.log.warn({ detail: answer.detail }, 'Meta did not answer while a connection was checked');
    return { kind: 'unreachable' };
  }
  if (classifyError(answer.error, 400).action === 'retry') return { kind: 'unreachable' };
  const problem = tokenProblem(answer.error);
  return problem && { kind: 'wrong', ...problem };
}
