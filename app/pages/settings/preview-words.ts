import { explain } from '../../domain/explain.ts';
import type { Tone } from '../../domain/reason.ts';
import type { Preview } from '../../pipeline/preview.ts';
import { explainChannel } from '../meta-channel.ts';
import { KIND_LABELS } from './kind-labels.ts';
import { MASKED_NOTE } from './masked-note.ts';

/** A preview in words, with the request as indented JSON. */
export type PreviewView = {
  title: string;
  tone: Tone;
  sentence: string;
  fix: string | null;
  /** Null when not even the form of the event is known. */
  json: string | null;
  /** What Meta would refuse it for, in words. */
  problems: string[];
  notes: string[];
};

export function previewView(preview: Preview): PreviewView {
  const { basis, eventName, channel, withheld, body, problems, asKept } = preview;
  const told = withheld === null ? null : explain(withheld, eventName);
  const kept =
    'Value, items and customer data stand as the order was read. Changed settings count for later orders.';
  return {
    title:
      basis.kind === 'order' ? `Order ${basis.name}` : `An example: ${KIND_LABELS[basis.made].toLowerCase()}`,
    tone: told?.tone ?? 'success',
    sentence:
      told?.sentence ?? `Meta is told: ${explainChannel(channel).choice.toLowerCase()}, ${eventName}.`,
    fix: told?.fix ?? null,
    json: body === null ? null : prettyJson(body),
    problems: problems.map(({ field, problem }) => `${field}: ${problem}`),
    notes: body === null ? [] : [MASKED_NOTE, ...(asKept ? [kept] : [])],
  };
}

/** As people read it, two spaces for each level. */
export function prettyJson(value: object): string {
  return JSON.stringify(value, null, 2);
}
