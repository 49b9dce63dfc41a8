import { Badge } from '@shopify/polaris';
import type { StateBadge } from './tone.ts';

export function OrderStateBadge({ badge }: { badge: StateBadge }) {
  return <Badge tone={badge.tone}>{badge.label}</Badge>;
}
