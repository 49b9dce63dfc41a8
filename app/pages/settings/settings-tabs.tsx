import { Tabs, type TabProps } from '@shopify/polaris';
import { useMemo, type ReactNode } from 'react';
import type { FieldProblems } from './fields.ts';
import { problemsOn, TABS, type SectionId, type Tab } from './places.ts';

const panelOf = (id: Tab['id']): string => `settings-${id}`;
const tabOf = (id: Tab['id']): string => `settings-tab-${id}`;

/**
 * The tabs and what is in them. Closed tabs stay drawn, unlike in Polaris' own panels: a token that is shown once, or a
 * form that is half filled in, is still there on the way back.
 */
export function SettingsTabs({
  tab,
  tabBar,
  problems,
  panels,
  onOpen,
}: {
  tab: Tab;
  /** Polaris' tabs take the focus back when another is opened from elsewhere, unless they are new. */
  tabBar: string;
  /** Each tab says in how many of its fields something has to be corrected. */
  problems: FieldProblems;
  panels: Readonly<Record<Tab['id'], ReactNode>>;
  onOpen: (section: SectionId) => void;
}) {
  const counts = TABS.map((one) => problemsOn(one, problems)).join(' ');
  // The same list while nothing changes: Polaris measures its tabs again for another one.
  const tabs = useMemo(() => drawnTabs(counts.split(' ').map(Number)), [counts]);
  return (
    <>
      <div className="tb-tabs">
        <Tabs
          key={tabBar}
          tabs={tabs}
          selected={TABS.indexOf(tab)}
          onSelect={(index) => {
            const chosen = TABS[index];
            if (chosen !== undefined) onOpen(chosen.sections[0]);
          }}
        />
      </div>
      {TABS.map(({ id }) => (
        <div key={id} role="tabpanel" id={panelOf(id)} aria-labelledby={tabOf(id)} hidden={id !== tab.id}>
          {panels[id]}
        </div>
      ))}
    </>
  );
}

function drawnTabs(counts: readonly number[]): TabProps[] {
  return TABS.map(({ id, label }, index) => {
    const [plain, wrong] = [{ id: tabOf(id), content: label }, counts[index] ?? 0];
    if (wrong === 0) return plain;
    return { ...plain, badge: String(wrong), accessibilityLabel: `${label}, to correct: ${wrong}` };
  });
}
