import type { SendResult } from '../../domain/outcome.ts';
import type { GraphClient } from './graph.ts';

// Groups events by the app that sent them (https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/main-body).
const PARTNER_AGENT = 'tieback';

/** Posts conversion events to a dataset (https://developers.facebook.com/docs/marketing-api/conversions-api/business-messaging). */
export function sendEvents(
  graph: GraphClient,
  request: { datasetId: string; token: string; events: readonly object[] },
): Promise<SendResult> {
  return graph({
    method: 'POST',
    path: `${request.datasetId}/events`,
    token: request.token,
    body: { data: request.events, partner_agent: PARTNER_AGENT },
  });
}
