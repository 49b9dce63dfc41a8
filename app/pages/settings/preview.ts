import type { Shop } from '../../../prisma/generated/client.ts';
import { CHANNEL_CHOICES, type OrderClass } from '../../domain/channel.ts';
import type { Pipeline } from '../../pipeline/context.ts';
import { previewEvent } from '../../pipeline/preview.ts';
import { shopFacts } from '../../pipeline/shop.ts';
import { readSettingsForm, type FieldProblems } from './draft.ts';
import { previewView, type PreviewView } from './preview-words.ts';

export type PreviewAnswer =
  { kind: 'preview'; view: PreviewView } | { kind: 'invalid_settings'; problems: FieldProblems };

/** What the form of the settings, saved or not, would have Meta told: of the latest order, or of an example. */
export async function answerPreview(pipeline: Pipeline, row: Shop, form: FormData): Promise<PreviewAnswer> {
  const shop = shopFacts(row);
  const read = readSettingsForm(form, shop.settings);
  if (read.kind === 'problems') return { kind: 'invalid_settings', problems: read.problems };
  const made = form.get('of');
  const asked = { settings: read.settings, ...(isKind(made) && { made }) };
  const preview = await previewEvent(pipeline, shop, asked);
  // Null is for an order that was asked for by its id.
  if (preview === null) throw new Error('there is neither an order nor an example to preview');
  return { kind: 'preview', view: previewView(preview) };
}

function isKind(text: FormDataEntryValue | null): text is OrderClass {
  return typeof text === 'string' && Object.hasOwn(CHANNEL_CHOICES, text);
}
