import type { Shop } from '../../../prisma/generated/client.ts';
import { explain, explainState } from '../../domain/explain.ts';
import { explainEventName } from '../../domain/explain-event-name.ts';
import type { OrderGid } from '../../domain/ids.ts';
import { isReason } from '../../domain/reason.ts';
import { previewEvent } from '../../pipeline/preview.ts';
import { shopFacts } from '../../pipeline/shop.ts';
import type { Services } from '../../services.ts';
import { previewView } from '../settings/preview-words.ts';
import type { StateBadge } from '../tone.ts';

/** The event that a withheld order would have been, and why it is not told. */
export type Untold = {
  label: string;
  name: string;
  badge: StateBadge;
  sentence: string;
  /** Masked; null when what it would say is not kept any more. */
  json: string | null;
  /** What Meta would refuse it for besides. */
  problems: string[];
};

export async function readUntold(
  services: Services,
  shop: Shop,
  order: { gid: string; decision: string; reason: string | null },
  events: readonly { eventName: string }[],
): Promise<Untold | null> {
  if (order.decision !== 'withheld' || events.some(({ eventName }) => eventName === 'Purchase')) return null;
  const facts = shopFacts(shop);
  const preview = await previewEvent(services, facts, {
    settings: facts.settings,
    gid: order.gid as OrderGid,
  });
  const view = preview && previewView(preview);
  const { label, tone, sentence } = explainState('withheld');
  const reason = order.reason !== null && isReason(order.reason) ? order.reason : null;
  const name = preview?.eventName ?? 'Purchase';
  return {
    label: explainEventName(name).label,
    name,
    badge: { state: 'withheld', label, tone },
    sentence: reason === null ? sentence : explain(reason, name).sentence,
    json: view?.json ?? null,
    problems: view?.problems ?? [],
  };
}
