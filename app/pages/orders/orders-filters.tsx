import { useNavigate, useNavigation } from '@remix-run/react';
import { IndexFilters, IndexFiltersMode, useSetIndexFiltersMode } from '@shopify/polaris';
import { useEffect, useRef, useState } from 'react';
import { ordersUrl } from './filter.ts';
import type { OrdersList } from './load.ts';

const TYPING_PAUSE_MS = 300;

/** Tabs by state and the search by order name; both live in the address, so that a view can be kept and shared. */
export function OrdersFilters({ list }: { list: OrdersList }) {
  const navigate = useNavigate();
  const loading = useNavigation().state === 'loading';
  const search = useNameSearch(list);
  const { mode, setMode } = useSetIndexFiltersMode(
    list.name === '' ? IndexFiltersMode.Default : IndexFiltersMode.Filtering,
  );
  const selected = list.tabs.findIndex((tab) => tab.state === list.state);

  function clear() {
    search.cancel();
    navigate(ordersUrl({ state: list.state, name: '', after: null, before: null }));
  }

  return (
    <IndexFilters
      tabs={list.tabs.map((tab) => ({
        id: tab.state ?? 'all',
        // Not as a badge: Tabs leaves badges out when it measures how many tabs fit.
        content: `${tab.label} (${tab.count})`,
        accessibilityLabel: `${tab.label}, ${tab.count} orders`,
        panelID: 'orders-list',
        isLocked: true,
      }))}
      selected={selected}
      onSelect={(index) => {
        const state = list.tabs[index]?.state ?? null;
        navigate(ordersUrl({ state, name: list.name, after: null, before: null }));
      }}
      queryValue={search.name}
      queryPlaceholder="Search by order name"
      onQueryChange={search.change}
      onQueryClear={clear}
      cancelAction={{ onAction: clear, disabled: false, loading: false }}
      loading={loading}
      filters={[]}
      hideFilters
      onClearAll={clear}
      mode={mode}
      setMode={setMode}
      canCreateNewView={false}
      filteringAccessibilityLabel="Search orders"
      filteringAccessibilityTooltip="Search"
    />
  );
}

/** The search field's text, which asks the server when typing pauses and follows the address otherwise. */
function useNameSearch(list: OrdersList) {
  const navigate = useNavigate();
  const [name, setName] = useState(list.name);
  const pause = useRef<number | null>(null);

  function cancel() {
    if (pause.current !== null) window.clearTimeout(pause.current);
    pause.current = null;
  }

  useEffect(() => {
    // While a pause runs the merchant is typing, and the field is ahead of the address.
    if (pause.current === null) setName(list.name);
  }, [list.name]);
  useEffect(() => cancel, []);

  function change(next: string) {
    cancel();
    setName(next);
    pause.current = window.setTimeout(() => {
      pause.current = null;
      navigate(ordersUrl({ state: list.state, name: next.trim(), after: null, before: null }), {
        replace: true,
      });
    }, TYPING_PAUSE_MS);
  }

  return { name, change, cancel };
}
