import { listSetAside, type SetAside } from '../pipeline/set-aside.ts';
import { readFlags, requireShop, shopDomain, table, UsageError, type Command } from './command.ts';

const STATES = ['dead', 'flagged'] as const;

export const deliveries: Command = {
  usage: 'deliveries --shop DOMAIN [--state dead|flagged]',
  purpose: 'one line per delivery that could not be read or worked and waits for a person',
  prepare(args) {
    const flags = readFlags(args, ['shop'], ['state']);
    const domain = shopDomain(flags.shop);
    const state = readState(flags.state);
    return async (pipeline) => {
      const shop = await requireShop(pipeline, domain);
      const list = (await listSetAside(pipeline, shop, state)).map((row) => ({
        id: String(row.id),
        source: row.source,
        topic: row.topic,
        state: row.state,
        received: row.receivedAt.toISOString(),
        attempts: row.attempts,
        reason: row.reason,
      }));
      return { json: list, text: table(list, 'no deliveries are set aside') };
    };
  },
};

function readState(given: string | null): SetAside['state'] | null {
  if (given === null) return null;
  const state = STATES.find((candidate) => candidate === given);
  if (!state) throw new UsageError(`--state must be one of ${STATES.join(', ')}`);
  return state;
}
