import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHANNEL_CHOICES } from '../../app/domain/channel.ts';
import { EVENT_NAMES } from '../../app/domain/event-name.ts';
import { explain } from '../../app/domain/explain.ts';
import { REASONS } from '../../app/domain/reason.ts';
import { DEFAULT_SETTINGS, switchOf, type SettingKey, type Settings } from '../../app/domain/settings.ts';
import { creditsOtherwise, readSettingsForm } from '../../app/pages/settings/draft.ts';
import {
  CHANNEL_SETTING,
  draftOf,
  isDirty,
  sentFields,
  standingProblems,
  type Draft,
} from '../../app/pages/settings/fields.ts';
import { sectionOfCheck, sectionOfConnection, sectionOfReason } from '../../app/pages/settings/fix-place.ts';
import {
  placeAt,
  problemPlace,
  problemsOn,
  sectionOf,
  settingsUrl,
  TABS,
} from '../../app/pages/settings/places.ts';

const SAVED = DEFAULT_SETTINGS;
const KEYS = Object.keys(SAVED) as SettingKey[];

function formOf(fields: Partial<Record<string, string>>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) form.set(name, value);
  return form;
}

function read(change: Partial<Draft>, before: Settings = SAVED) {
  return readSettingsForm(formOf(sentFields({ ...draftOf(before), ...change })), before);
}

const settings: fc.Arbitrary<Settings> = fc
  .record({
    windowDays: fc.integer({ min: 1, max: 90 }),
    model: fc.constantFrom(...(['last_click', 'first_click', 'linear'] as const)),
    phoneLimit: fc.integer({ min: 1, max: 50 }),
    reportPurchase: fc.boolean(),
    reportOrderShipped: fc.boolean(),
    qualifiedLeadMessages: fc.integer({ min: 0, max: 50 }),
    channelOnlineStore: fc.constantFrom(...CHANNEL_CHOICES.online_store),
    channelPointOfSale: fc.constantFrom(...CHANNEL_CHOICES.point_of_sale),
    channelsChosen: fc.boolean(),
    websiteEventId: fc.constantFrom('{order_id}', 'x-{checkout_token}.{event_name}'),
    alertEmail: fc.constantFrom('', 'ana@loja.example'),
  })
  .map((some) => ({ ...SAVED, ...some }));

test('what the form sends reads back as the settings that it was made from', () => {
  fc.assert(
    fc.property(settings, (stored) => {
      expect(isDirty(draftOf(stored), stored)).toBe(false);
      expect(read({}, stored)).toEqual({ kind: 'settings', settings: stored });
    }),
  );
});

test.each(KEYS)('a change of %s makes the form dirty, and taking it back makes it clean', (key) => {
  const draft = draftOf(SAVED);
  const value = draft[key];
  const changed = { ...draft, [key]: typeof value === 'boolean' ? !value : `${value}1` };
  expect(isDirty(changed, SAVED)).toBe(true);
  expect(isDirty({ ...changed, [key]: value }, SAVED)).toBe(false);
});

test('a window that is no preset is a number of days of its own', () => {
  expect(draftOf({ ...SAVED, windowDays: 14 })).toMatchObject({ window: 'custom', windowDays: '14' });
  expect(draftOf({ ...SAVED, windowDays: 28 })).toMatchObject({ window: '28', windowDays: '28' });
});

test('the same window typed by hand is no change, an empty one is', () => {
  const draft = { ...draftOf(SAVED), window: 'custom' };
  expect(isDirty({ ...draft, windowDays: ' 7 ' }, SAVED)).toBe(false);
  expect(isDirty({ ...draft, windowDays: '' }, SAVED)).toBe(true);
});

test.each<[Partial<Draft>, SettingKey, string]>([
  [{ windowDays: '0' }, 'windowDays', 'Enter a whole number of days from 1 to 90.'],
  [{ windowDays: '' }, 'windowDays', 'Enter a whole number of days from 1 to 90.'],
  [{ windowDays: '7.5' }, 'windowDays', 'Enter a whole number of days from 1 to 90.'],
  [{ cartAbandonedHours: '73' }, 'cartAbandonedHours', 'Enter a whole number of hours from 1 to 72.'],
  [{ alertEmail: 'ana' }, 'alertEmail', 'Enter an email address, or nothing.'],
  [{ websiteEventId: 'same-for-all' }, 'websiteEventId', 'Enter letters, digits and'],
])('what is typed wrongly is said at its field: %o', (change, key, words) => {
  const reading = read(change);
  expect(reading.kind === 'problems' && Object.keys(reading.problems)).toEqual([key]);
  expect(reading.kind === 'problems' && reading.problems[key]).toContain(words);
});

test('two wrong fields are both said', () => {
  expect(read({ phoneLimit: 'many', qualifiedLeadMessages: '99' })).toMatchObject({
    kind: 'problems',
    problems: { phoneLimit: expect.any(String), qualifiedLeadMessages: expect.any(String) },
  });
});

test('a problem goes with a change of its own field alone', () => {
  const sent = { ...draftOf(SAVED), phoneLimit: 'many', alertEmail: 'ana' };
  const problems = { phoneLimit: 'Enter a number.', alertEmail: 'Enter an address.' };
  expect(standingProblems(problems, sent, { ...sent, windowDays: '14' })).toEqual(problems);
  expect(standingProblems(problems, sent, { ...sent, alertEmail: 'ana@loja' })).toEqual({
    phoneLimit: 'Enter a number.',
  });
});

test('a choice that a kind of order does not have is refused', () => {
  const form = formOf({ ...sentFields(draftOf(SAVED)), channelInChat: 'physical_store' });
  expect(readSettingsForm(form, SAVED)).toMatchObject({
    kind: 'problems',
    problems: { channelInChat: expect.any(String) },
  });
});

test('a field that was not sent stays as it was, so a page from before an update loses nothing', () => {
  const before = { ...SAVED, attributionOnly: true, alertEmail: 'ana@loja.example' };
  expect(readSettingsForm(formOf({ windowDays: '14' }), before)).toEqual({
    kind: 'settings',
    settings: { ...before, windowDays: 14 },
  });
});

test('the channels count as chosen once one is changed or somebody says that they are right', () => {
  const chosen = (reading: ReturnType<typeof read>) =>
    reading.kind === 'settings' && reading.settings.channelsChosen;
  expect(chosen(read({ windowDays: '14' }))).toBe(false);
  expect(chosen(read({ channelsChosen: true }))).toBe(true);
  expect(chosen(read({ channelOnlineStore: 'none' }))).toBe(true);
  expect(chosen(read({ channelsChosen: false }, { ...SAVED, channelsChosen: true }))).toBe(true);
});

test('every kind of order has a setting, and every event a switch', () => {
  expect(Object.keys(CHANNEL_SETTING).toSorted()).toEqual(Object.keys(CHANNEL_CHOICES).toSorted());
  for (const name of EVENT_NAMES) expect(KEYS).toContain(switchOf(name));
});

test('only rules of credit and linking concern orders of the past', () => {
  expect(creditsOtherwise(SAVED, { ...SAVED, windowDays: 28 })).toBe(true);
  expect(creditsOtherwise(SAVED, { ...SAVED, model: 'first_click' })).toBe(true);
  expect(creditsOtherwise(SAVED, { ...SAVED, phoneLimit: 9 })).toBe(true);
  expect(creditsOtherwise(SAVED, { ...SAVED, reportPurchase: false, unknownOutcome: 'resend' })).toBe(false);
});

const SECTIONS = TABS.flatMap((tab) => [...tab.sections]);

test('every section has an address of its own, which opens its tab', () => {
  expect(new Set(SECTIONS).size).toBe(SECTIONS.length);
  for (const tab of TABS)
    for (const section of tab.sections)
      expect(placeAt(new URL(settingsUrl(section), 'https://app.example').hash)).toEqual({ tab, section });
});

test.each(['', '#', '#nowhere', '#Channels', '#channels2', '#constructor'])(
  'the hash %o opens the first tab',
  (hash) => {
    expect(placeAt(hash)).toEqual({ tab: TABS[0], section: null });
  },
);

test.each(KEYS)('%s stands in a section', (key) => {
  expect(SECTIONS).toContain(sectionOf(key));
});

test.each<[SettingKey, string]>([
  ['alertEmail', 'alerts'],
  ['channelRenewal', 'channels'],
  ['channelsChosen', 'channels'],
  ['reportOrderShipped', 'events'],
  ['windowDays', 'attribution'],
])('the field %s is in the section %s', (key, section) => {
  expect(sectionOf(key)).toBe(section);
});

test('what has to be corrected first is opened, and all its tabs are named and counted', () => {
  const problems = { phoneLimit: 'wrong', windowDays: 'wrong', cartAbandonedHours: 'wrong' };
  expect(problemPlace(problems)).toEqual({ section: 'events', words: 'What Meta is told and Attribution' });
  expect(TABS.map((tab) => problemsOn(tab, problems))).toEqual([0, 1, 2]);
  expect(problemPlace({ alertEmail: 'wrong' })).toEqual({ section: 'alerts', words: 'Connections' });
  expect(problemPlace({})).toBeNull();
});

test('what a check or a reason is about leads to the section that puts it right', () => {
  const [number, pixel] = [{ displayNumber: '+55 11 4000-0000' }, { displayNumber: null }];
  expect([sectionOfConnection(number), sectionOfConnection(pixel)]).toEqual(['numbers', 'pixel']);
  expect([number, pixel, null].map((of) => sectionOfCheck('token_valid', of))).toEqual([
    'numbers',
    'pixel',
    null,
  ]);
  expect(sectionOfCheck('channels_chosen', null)).toBe('channels');
  expect(sectionOfCheck('waba_reachable', number)).toBeNull();
  expect([sectionOfReason('online_store_off'), sectionOfReason('test_order')]).toEqual(['channels', null]);
});

test('every reason whose remedy is in the settings leads there', () => {
  for (const reason of REASONS)
    if (/\bin the settings\b/.test(explain(reason).fix ?? ''))
      expect(sectionOfReason(reason), reason).not.toBeNull();
});
