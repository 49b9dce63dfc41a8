import type { BannerTone } from '@shopify/polaris';
import type { OrderState, Tone } from '../domain/reason.ts';

/** A state's badge, ready to draw. */
export type StateBadge = { state: OrderState; label: string; tone: Tone };

/** Banners know one tone fewer than badges. */
export function bannerTone(tone: Tone): BannerTone {
  return tone === 'attention' ? 'warning' : tone;
}
