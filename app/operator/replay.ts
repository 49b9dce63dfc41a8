import { replayDelivery } from '../pipeline/set-aside.ts';
import { readFlags, requireShop, shopDomain, type Command } from './command.ts';

export const replay: Command = {
  usage: 'replay --shop DOMAIN --delivery ID',
  purpose:
    'works a delivery again that was set aside as flagged or dead; its id is in the list of deliveries',
  prepare(args) {
    const flags = readFlags(args, ['shop', 'delivery']);
    const domain = shopDomain(flags.shop);
    return async (pipeline) => {
      const shop = await requireShop(pipeline, domain);
      const replayed = await replayDelivery(pipeline, shop, flags.delivery);
      if (replayed.kind === 'not_replayed') throw new Error(replayed.problem);
      const { id, topic } = replayed;
      return {
        json: { id: String(id), topic, state: 'due' },
        text: `delivery ${id} (${topic}) is due again`,
      };
    };
  },
};
