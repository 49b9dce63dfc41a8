import { isEventName } from '../../domain/event-name.ts';
import { explain } from '../../domain/explain.ts';
import { explainEventName } from '../../domain/explain-event-name.ts';
import { isReason, type Reason } from '../../domain/reason.ts';
import { formatCount } from '../format.ts';
import { sectionOfReason } from '../settings/fix-place.ts';
import { settingsUrl } from '../settings/places.ts';
import type { OrderGroup } from './tally.ts';

/** Events of chats that were kept back, or that Meta noticed by itself, of one name. */
export type EventCount = { eventName: string; reason: string | null; events: number };

/** How much was not told to Meta, why, and where to see it. */
export type KeptBackLine = {
  key: string;
  count: string;
  sentence: string;
  fix: string | null;
  url: string | null;
  /** The part of the settings that decides it. */
  settings: string | null;
};
export type KeptBack = { lines: KeptBackLine[]; automatic: string | null };

/**
 * What Meta was not told of in the period, the most frequent first; null when Meta was told of everything and noticed
 * nothing by itself.
 */
export function keptBack(given: {
  groups: readonly OrderGroup[];
  withheld: readonly EventCount[];
  automatic: readonly EventCount[];
}): KeptBack | null {
  const { groups, withheld } = given;
  const lines = [...orderLines(groups), ...eventLines(withheld)];
  const automatic = automaticWords(given.automatic);
  return lines.length === 0 && automatic === null ? null : { lines, automatic };
}

function orderLines(groups: readonly OrderGroup[]): KeptBackLine[] {
  const counts = new Map<Reason, number>();
  for (const { state, reason, orders } of groups) {
    if (state !== 'withheld' || reason === null) continue;
    counts.set(reason, (counts.get(reason) ?? 0) + orders);
  }
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([reason, orders]) => {
      const { sentence, fix } = explain(reason);
      const url = `/app/orders?state=withheld&reason=${reason}`;
      return {
        key: reason,
        count: counted(orders, 'order', 'orders'),
        sentence,
        fix,
        url,
        ...settingsOf(reason),
      };
    });
}

function eventLines(withheld: readonly EventCount[]): KeptBackLine[] {
  return withheld
    .toSorted((a, b) => b.events - a.events)
    .flatMap(({ eventName, reason, events }) => {
      if (!isEventName(eventName) || reason === null || !isReason(reason)) return [];
      const { sentence, fix } = explain(reason, eventName);
      const key = `${eventName} ${reason}`;
      return [
        { key, count: countedEvents(eventName, events), sentence, fix, url: null, ...settingsOf(reason) },
      ];
    });
}

function settingsOf(reason: Reason): { settings: string | null } {
  const section = sectionOfReason(reason);
  return { settings: section && settingsUrl(section) };
}

function automaticWords(automatic: readonly EventCount[]): string | null {
  const parts = automatic
    .filter(({ events }) => events > 0)
    .toSorted((a, b) => b.events - a.events)
    .map(({ eventName, events }) => countedEvents(eventName, events));
  return parts.length === 0 ? null : `Meta itself noticed ${parts.join(' and ')} in your chats.`;
}

function countedEvents(eventName: string, events: number): string {
  if (!isEventName(eventName)) return counted(events, eventName, eventName);
  const { noun, plural } = explainEventName(eventName);
  return counted(events, noun, plural);
}

function counted(count: number, one: string, many: string): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
