import type { z } from 'zod';
import { parseJson } from '../../domain/json.ts';
import { classifyOutcome, type MetaError } from '../../domain/outcome.ts';
import type { GraphClient } from './graph.ts';

export type AssetAnswer<T> =
  | { kind: 'found'; value: T }
  /** Meta answered with an error. */
  | { kind: 'refused'; error: MetaError }
  /** No usable answer came; `detail` is for the log. */
  | { kind: 'no_answer'; detail: string };

export type NotFound = Exclude<AssetAnswer<never>, { kind: 'found' }>;

/** One question to the Graph API, whose answer must have the given shape. */
export async function ask<T>(
  graph: GraphClient,
  request: Parameters<GraphClient>[0],
  schema: z.ZodType<T>,
): Promise<AssetAnswer<T>> {
  const result = await graph(request);
  if (result.kind !== 'answered') return { kind: 'no_answer', detail: result.detail };
  if (result.status >= 200 && result.status < 300) {
    const json = parseJson(result.body);
    const value = schema.safeParse(json.kind === 'value' ? json.value : null);
    return value.success
      ? { kind: 'found', value: value.data }
      : { kind: 'no_answer', detail: 'unexpected answer' };
  }
  const outcome = classifyOutcome(result, 1);
  return outcome.kind !== 'accepted' && outcome.error
    ? { kind: 'refused', error: outcome.error }
    : { kind: 'no_answer', detail: `HTTP ${result.status}` };
}
