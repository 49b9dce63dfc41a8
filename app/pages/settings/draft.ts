import {
  DEFAULT_SETTINGS,
  expectedOf,
  settingsSchema,
  type SettingKey,
  type Settings,
} from '../../domain/settings.ts';
import { CHANNEL_SETTING, type FieldProblems } from './fields.ts';

export type { FieldProblems } from './fields.ts';

export type SettingsReading =
  { kind: 'settings'; settings: Settings } | { kind: 'problems'; problems: FieldProblems };

const KEYS = Object.keys(DEFAULT_SETTINGS) as SettingKey[];

/**
 * Reads the form that `sentFields` writes; a field that was not sent stays as it was. Whoever changes a channel, or
 * says that the channels are right as they are, has chosen them.
 */
export function readSettingsForm(form: FormData, before: Settings): SettingsReading {
  const given = Object.fromEntries(KEYS.map((key) => [key, readField(form.get(key), before[key])]));
  const read = settingsSchema.safeParse(given);
  if (!read.success) return { kind: 'problems', problems: problemsOf(read.error) };
  const settings = read.data;
  const changed = Object.values(CHANNEL_SETTING).some((key) => settings[key] !== before[key]);
  const channelsChosen = settings.channelsChosen || before.channelsChosen || changed;
  return { kind: 'settings', settings: { ...settings, channelsChosen } };
}

/** Whether orders of the past would be credited otherwise under the new settings. */
export function creditsOtherwise(before: Settings, after: Settings): boolean {
  return (
    before.windowDays !== after.windowDays ||
    before.model !== after.model ||
    before.phoneLimit !== after.phoneLimit
  );
}

function readField(sent: FormDataEntryValue | null, before: Settings[SettingKey]): unknown {
  if (typeof sent !== 'string') return before;
  const text = sent.trim();
  switch (typeof before) {
    case 'boolean':
      return text === 'on' ? true : text === 'off' ? false : null;
    case 'number':
      return /^\d{1,3}$/.test(text) ? Number(text) : null;
    default:
      return text;
  }
}

function problemsOf({ issues }: { issues: { path: PropertyKey[] }[] }): FieldProblems {
  const wrong = KEYS.filter((key) => issues.some(({ path }) => path[0] === key));
  return Object.fromEntries(wrong.map((key) => [key, `Enter ${expectedOf(key)}.`]));
}
