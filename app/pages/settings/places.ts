import type { SettingKey } from '../../domain/settings.ts';
import type { FieldProblems } from './fields.ts';

/** The tabs of the settings and their sections, both in the order of the page. Labels are short: a phone shows all. */
export const TABS = [
  { id: 'connections', label: 'Connections', sections: ['numbers', 'pixel', 'api-keys', 'alerts'] },
  {
    id: 'told',
    label: 'What Meta is told',
    sections: ['channels', 'events', 'payload', 'privacy', 'doubt', 'preview'],
  },
  { id: 'credit', label: 'Attribution', sections: ['attribution', 'linking'] },
] as const;

export type Tab = (typeof TABS)[number];
export type SectionId = Tab['sections'][number];

/** Where a field stands that is not a switch of an event or the choice for a kind of order. */
const SECTION: Readonly<Record<Exclude<SettingKey, `report${string}` | `channel${string}`>, SectionId>> = {
  alertEmail: 'alerts',
  qualifiedLeadMessages: 'events',
  qualifiedLeadReply: 'events',
  cartAbandonedHours: 'events',
  valueRule: 'payload',
  valueCurrency: 'payload',
  contentIds: 'payload',
  sendCustomerHashes: 'payload',
  websiteEventId: 'payload',
  limitedDataUse: 'privacy',
  dataSaleOptOut: 'privacy',
  attributionOnly: 'privacy',
  automaticEvents: 'doubt',
  unknownOutcome: 'doubt',
  model: 'attribution',
  windowDays: 'attribution',
  phoneLimit: 'linking',
};

/** The section in which a setting is changed. */
export function sectionOf(key: SettingKey): SectionId {
  if (isIn(SECTION, key)) return SECTION[key];
  return key.startsWith('report') ? 'events' : 'channels';
}

/** The address of a section: its tab is opened, and the section is in view. */
export function settingsUrl(section: SectionId): string {
  return `/app/settings#${section}`;
}

/** The tab that an address's hash opens, and its section; any other hash opens the first tab. */
export function placeAt(hash: string): { tab: Tab; section: SectionId | null } {
  for (const tab of TABS) {
    const section = tab.sections.find((one) => `#${one}` === hash);
    if (section !== undefined) return { tab, section };
  }
  return { tab: TABS[0], section: null };
}

/** Where what was refused stands: the section to open, and in words all tabs that have something to correct. */
export function problemPlace(problems: FieldProblems): { section: SectionId; words: string } | null {
  const wrong = TABS.filter((tab) => problemsOn(tab, problems) > 0);
  const sections = wrongSections(problems);
  const section = wrong[0]?.sections.find((one) => sections.includes(one));
  return section === undefined ? null : { section, words: wrong.map(({ label }) => label).join(' and ') };
}

/** How many fields of a tab have to be corrected. */
export function problemsOn(tab: Tab, problems: FieldProblems): number {
  return wrongSections(problems).filter((section) => tab.sections.some((one) => one === section)).length;
}

function wrongSections(problems: FieldProblems): SectionId[] {
  return (Object.keys(problems) as SettingKey[]).map(sectionOf);
}

function isIn<T extends object>(table: T, key: PropertyKey): key is keyof T {
  return Object.hasOwn(table, key);
}
