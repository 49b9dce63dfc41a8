import { EventState } from '../../prisma/generated/client.ts';
import { readFlags, requireShop, shopDomain, table, UsageError, type Command } from './command.ts';

export const events: Command = {
  usage: 'events --shop DOMAIN [--state S]',
  purpose: 'one line per conversion event: what was to be told to Meta and what Meta answered',
  prepare(args) {
    const flags = readFlags(args, ['shop'], ['state']);
    const domain = shopDomain(flags.shop);
    const state = readEventState(flags.state);
    return async (pipeline) => {
      const shop = await requireShop(pipeline, domain);
      const rows = await pipeline.db.conversionEvent.findMany({
        where: { shopId: shop.id, ...(state !== null && { state }) },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      });
      const list = rows.map((row) => ({
        id: row.id,
        event_name: row.eventName,
        event_id: row.eventId,
        order_id: row.source === 'order' ? row.subject : null,
        subject: row.subject,
        channel: row.channel,
        state: row.state,
        attempts: row.attempts,
        fbtrace_id: row.fbtraceId,
        error: row.errorCode ?? row.reason,
      }));
      return { json: list, text: table(list, 'no events') };
    };
  },
};

function readEventState(given: string | null): EventState | null {
  if (given === null) return null;
  const state = Object.values(EventState).find((candidate) => candidate === given);
  if (!state) throw new UsageError(`--state must be one of ${Object.values(EventState).join(', ')}`);
  return state;
}
