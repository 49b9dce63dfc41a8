import type { SendResult } from '../../domain/outcome.ts';
import type { GraphClient } from './graph.ts';

/** Posts conversion events to a dataset (https://developers.facebook.com/docs/marketing-api/conversions-api/business-messaging). */
export function sendEvents(
  { graph, metaApp }: { graph: GraphClient; metaApp: { partnerAgent: string } },
  request: { datasetId: string; token: string; events: readonly object[] },
): Promise<SendResult> {
  return graph({
    method: 'POST',
    path: `${request.datasetId}/events`,
    token: request.token,
    body: eventsBody(request.events, metaApp.partnerAgent),
  });
}

/**
 * The body of that request. `partnerAgent` groups events by the app that sent them
 * (https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/main-body).
 */
export function eventsBody(events: readonly object[], partnerAgent: string): object {
  return { data: events, partner_agent: partnerAgent };
}
