import { provenanceOf } from '../domain/provenance.ts';

/** A source's own name when Tieback has no words for it; null for Shopify's own sources. */
export function channelName(sourceName: string | null): string | null {
  // Nothing but its name says what a source is called.
  const nothingElse = { appId: null, gateways: [], tags: [], test: false, total: '1', hasCheckout: false };
  return provenanceOf({ ...nothingElse, sourceName }, null).channel;
}
