import { explain } from '../domain/explain.ts';
import type { OrderGid } from '../domain/ids.ts';
import { previewEvent, type Preview } from '../pipeline/preview.ts';
import { shopFacts } from '../pipeline/shop.ts';
import { readFlags, requireShop, shopDomain, UsageError, type Command } from './command.ts';

export const preview: Command = {
  usage: 'preview --shop DOMAIN [--order ID]',
  purpose:
    'the event that Meta is told of an order, masked: of the latest that an ad led to, or of an example',
  prepare(args) {
    const flags = readFlags(args, ['shop'], ['order']);
    const domain = shopDomain(flags.shop);
    const gid = flags.order === null ? null : readOrderId(flags.order);
    return async (pipeline) => {
      const shop = shopFacts(await requireShop(pipeline, domain));
      const asked = { settings: shop.settings, ...(gid !== null && { gid }) };
      const found = await previewEvent(pipeline, shop, asked);
      if (found === null)
        throw new Error(
          `nothing to tell Meta is kept of ${gid}: no ad led to it, or it is too old or erased`,
        );
      return { json: asJson(found), text: asText(found) };
    };
  },
};

/** Shopify's id of an order, as a number or as it is written in full. */
function readOrderId(given: string): OrderGid {
  const id = /^(?:gid:\/\/shopify\/Order\/)?(\d{1,20})$/.exec(given)?.[1];
  if (id === undefined)
    throw new UsageError(`--order must be an order's id such as 5512345678901, not ${given}`);
  return `gid://shopify/Order/${id}` as OrderGid;
}

function asJson({ basis, eventName, channel, withheld, body, problems }: Preview) {
  return {
    order_id: basis.kind === 'order' ? basis.gid : null,
    name: basis.kind === 'order' ? basis.name : `example: ${basis.made}`,
    event_name: eventName,
    channel,
    withheld,
    body,
    problems,
  };
}

function asText(found: Preview): string {
  const { name, event_name, channel, withheld, body, problems } = asJson(found);
  const fate = withheld === null ? 'told' : `not told: ${explain(withheld, found.eventName).sentence}`;
  return [
    `${name}: ${event_name} as ${channel}, ${fate}`,
    ...problems.map(({ field, problem }) => `Meta would refuse ${field}: ${problem}`),
    ...(body === null ? [] : [JSON.stringify(body, null, 2)]),
  ].join('\n');
}
