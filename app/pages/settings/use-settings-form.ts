import { useFetcher } from '@remix-run/react';
import { useAppBridge } from '@shopify/app-bridge-react';
import { useEffect, useState } from 'react';
import type { Settings } from '../../domain/settings.ts';
import type { SettingsOutcome } from './act.ts';
import { draftOf, isDirty, sentFields, standingProblems, type Draft, type FieldProblems } from './fields.ts';
import { problemPlace, type SectionId } from './places.ts';

/** The settings as they are typed, over all tabs: one draft, which is saved or discarded as a whole. */
export type SettingsForm = {
  draft: Draft;
  /** What the server refused, but for what was changed since. */
  problems: FieldProblems;
  dirty: boolean;
  saving: boolean;
  /** Whether what was just saved would credit past orders otherwise. */
  creditsOtherwise: boolean;
  change: (part: Partial<Draft>) => void;
  save: () => void;
  /** Saves, and says that the channels are right as they are. */
  confirmChannels: () => void;
  discard: () => void;
};

/** `onProblem` opens the section in which something has to be corrected. */
export function useSettingsForm(saved: Settings, onProblem: (section: SectionId) => void): SettingsForm {
  const fetcher = useFetcher<SettingsOutcome>();
  const shopify = useAppBridge();
  const [draft, setDraft] = useState(() => draftOf(saved));
  const [sent, setSent] = useState<Draft | null>(null);
  const outcome = fetcher.data;

  useEffect(() => {
    if (outcome?.kind === 'saved') shopify.toast.show('Settings saved');
    if (outcome?.kind !== 'invalid_settings') return;
    const place = problemPlace(outcome.problems);
    if (place === null) return;
    shopify.toast.show(`Not saved: correct what is marked under ${place.words}`, { isError: true });
    onProblem(place.section);
  }, [outcome, shopify, onProblem]);

  function send(next: Draft) {
    setDraft(next);
    setSent(next);
    fetcher.submit({ intent: 'save_settings', ...sentFields(next) }, { method: 'post' });
  }

  return {
    draft,
    problems:
      outcome?.kind === 'invalid_settings' && sent !== null
        ? standingProblems(outcome.problems, sent, draft)
        : {},
    dirty: isDirty(draft, saved),
    saving: fetcher.state !== 'idle',
    creditsOtherwise: outcome?.kind === 'saved' && outcome.creditsOtherwise,
    change: (part) => setDraft((before) => ({ ...before, ...part })),
    save: () => send(draft),
    confirmChannels: () => send({ ...draft, channelsChosen: true }),
    discard: () => setDraft(draftOf(saved)),
  };
}
