import { useNavigate, useNavigation } from '@remix-run/react';
import { ChoiceList, IndexFilters, IndexFiltersMode, useSetIndexFiltersMode } from '@shopify/polaris';
import { useEffect, useRef, useState } from 'react';
import { ALL_ORDERS, ordersUrl } from './filter.ts';
import type { Narrowing } from './filter.ts';
import type { OrdersList } from './load.ts';

const TYPING_PAUSE_MS = 300;

/** Tabs by state, search by name and filters; all live in the address, so that a view can be kept and shared. */
export function OrdersFilters({ list }: { list: OrdersList }) {
  const navigate = useNavigate();
  const loading = useNavigation().state === 'loading';
  const search = useNameSearch(list.filter);
  const { filter } = list;
  const { mode, setMode } = useSetIndexFiltersMode(
    isNarrowed(filter) ? IndexFiltersMode.Filtering : IndexFiltersMode.Default,
  );
  const selected = list.tabs.findIndex((tab) => tab.state === filter.state);

  function show(change: Partial<Narrowing>) {
    search.cancel();
    navigate(ordersUrl({ ...ALL_ORDERS, ...filter, ...change }));
  }
  const showAll = () => show({ name: '', reason: null, made: null, disagree: false });

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
      onSelect={(index) => show({ state: list.tabs[index]?.state ?? null })}
      queryValue={search.name}
      queryPlaceholder="Search by order name"
      onQueryChange={search.change}
      onQueryClear={() => show({ name: '' })}
      cancelAction={{ onAction: showAll, disabled: false, loading: false }}
      loading={loading}
      filters={[
        {
          key: 'reason',
          label: 'Why',
          filter: (
            <ChoiceList
              title="Why"
              titleHidden
              choices={list.reasons}
              selected={filter.reason === null ? [] : [filter.reason]}
              onChange={([value]) =>
                show({ reason: list.reasons.find((one) => one.value === value)?.value ?? null })
              }
            />
          ),
          shortcut: true,
        },
        {
          key: 'made',
          label: 'Where it was made',
          filter: (
            <ChoiceList
              title="Where it was made"
              titleHidden
              choices={list.made}
              selected={filter.made === null ? [] : [filter.made]}
              onChange={([value]) =>
                show({ made: list.made.find((one) => one.value === value)?.value ?? null })
              }
            />
          ),
          shortcut: true,
        },
        {
          key: 'disagree',
          label: 'Evidence',
          filter: (
            <ChoiceList
              title="Evidence"
              titleHidden
              allowMultiple
              choices={[{ value: 'yes', label: 'Two chats claim the order' }]}
              selected={filter.disagree ? ['yes'] : []}
              onChange={(chosen) => show({ disagree: chosen.length > 0 })}
            />
          ),
          shortcut: true,
        },
      ]}
      appliedFilters={appliedFilters(list, show)}
      onClearAll={showAll}
      mode={mode}
      setMode={setMode}
      canCreateNewView={false}
      filteringAccessibilityLabel="Search orders"
      filteringAccessibilityTooltip="Search"
    />
  );
}

function isNarrowed({ name, reason, made, disagree }: Narrowing): boolean {
  return name !== '' || reason !== null || made !== null || disagree;
}

function appliedFilters({ filter, made, reasons }: OrdersList, show: (change: Partial<Narrowing>) => void) {
  const place = made.find(({ value }) => value === filter.made);
  const why = reasons.find(({ value }) => value === filter.reason);
  return [
    ...(why === undefined
      ? []
      : [{ key: 'reason', label: `Why: ${why.short}`, onRemove: () => show({ reason: null }) }]),
    ...(place === undefined
      ? []
      : [{ key: 'made', label: `Made in: ${place.label}`, onRemove: () => show({ made: null }) }]),
    ...(filter.disagree
      ? [{ key: 'disagree', label: 'Two chats claim the order', onRemove: () => show({ disagree: false }) }]
      : []),
  ];
}

/** The search field's text, which asks the server when typing pauses and follows the address otherwise. */
function useNameSearch(filter: Narrowing) {
  const navigate = useNavigate();
  const [name, setName] = useState(filter.name);
  const pause = useRef<number | null>(null);

  function cancel() {
    if (pause.current !== null) window.clearTimeout(pause.current);
    pause.current = null;
  }

  useEffect(() => {
    // While a pause runs the merchant is typing, and the field is ahead of the address.
    if (pause.current === null) setName(filter.name);
  }, [filter.name]);
  useEffect(() => cancel, []);

  function change(next: string) {
    cancel();
    setName(next);
    pause.current = window.setTimeout(() => {
      pause.current = null;
      navigate(ordersUrl({ ...ALL_ORDERS, ...filter, name: next.trim() }), { replace: true });
    }, TYPING_PAUSE_MS);
  }

  return { name, change, cancel };
}
