import type { OrderClass } from '../../domain/channel.ts';
import type { SettingKey, Settings } from '../../domain/settings.ts';

// Runs in the browser, which is spared the checking of settings: that is done where they are saved.

/** The windows that are offered by name; Meta's own windows are 1, 7 and 28 days. */
export const PRESETS: readonly string[] = ['1', '7', '28', '90'];

/** The settings as the form holds them, numbers as they are typed; `window`: one of the presets, or 'custom'. */
export type Draft = { [K in SettingKey]: Settings[K] extends number ? string : Settings[K] } & {
  window: string;
};
export type OnChange = (change: Partial<Draft>) => void;

/** What the form's fields were refused for; a field that is right is not among them. */
export type FieldProblems = Partial<Record<SettingKey, string>>;

/** The setting by which a shop chooses for a kind of order. */
export const CHANNEL_SETTING = {
  in_chat: 'channelInChat',
  chat_link: 'channelChatLink',
  online_store: 'channelOnlineStore',
  point_of_sale: 'channelPointOfSale',
  renewal: 'channelRenewal',
  other_channel: 'channelOtherChannel',
} as const satisfies Record<OrderClass, SettingKey>;

/** The form of stored settings. */
export function draftOf(settings: Settings): Draft {
  const fields = Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [key, typeof value === 'number' ? String(value) : value]),
  ) as Omit<Draft, 'window'>;
  const { windowDays } = fields;
  return { ...fields, window: PRESETS.includes(windowDays) ? windowDays : 'custom' };
}

/** The form's fields as they are sent. */
export function sentFields({ window: _, ...fields }: Draft): Record<SettingKey, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      typeof value === 'boolean' ? (value ? 'on' : 'off') : value.trim(),
    ]),
  ) as Record<SettingKey, string>;
}

/** Whether saving the form would change the stored settings, or fail to. */
export function isDirty(draft: Draft, saved: Settings): boolean {
  const [now, before] = [sentFields(draft), sentFields(draftOf(saved))];
  return (Object.keys(before) as SettingKey[]).some((key) => now[key] !== before[key]);
}

/** The problems of a form that was sent which are still so: a field that was changed since is to be judged anew. */
export function standingProblems(problems: FieldProblems, sent: Draft, draft: Draft): FieldProblems {
  const keys = (Object.keys(problems) as SettingKey[]).filter((key) => draft[key] === sent[key]);
  return Object.fromEntries(keys.map((key) => [key, problems[key]]));
}
