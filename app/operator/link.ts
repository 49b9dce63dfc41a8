import type { ContactId, OrderGid, ShopId } from '../domain/ids.ts';
import type { Evidence, StaffLink } from '../domain/link.ts';
import { linkByHand } from '../pipeline/staff-link.ts';
import { isUuid } from '../storage/uuid.ts';
import { readFlags, requireShop, shopDomain, UsageError, type Command } from './command.ts';

const ORDER = /^gid:\/\/shopify\/Order\/\d{1,20}$/;
const SOMEBODY = 'operator';

const FLAGS = ['--none', '--forget'] as const;

/**
 * Says by hand whose an order is, or takes back what was said. A person's word ranks last, so everything that points
 * elsewhere is rejected with it.
 */
export const link: Command = {
  usage: 'link --shop DOMAIN --order GID (--contact ID | --none | --forget) [--by NAME]',
  purpose:
    'links an order to a conversation by hand, says that it is nobody’s of those it was linked to, or takes that back',
  prepare(args) {
    const [none, forget] = FLAGS.map((flag) => args.includes(flag));
    const flags = readFlags(
      args.filter((arg) => FLAGS.every((flag) => flag !== arg)),
      ['shop', 'order'],
      ['contact', 'by'],
    );
    const domain = shopDomain(flags.shop);
    if (!ORDER.test(flags.order))
      throw new UsageError('--order must look like gid://shopify/Order/5512345678901');
    if ([flags.contact !== null, none, forget].filter(Boolean).length !== 1)
      throw new UsageError('give one of --contact ID, --none and --forget');
    if (flags.contact !== null && !isUuid(flags.contact))
      throw new UsageError('--contact must be a contact’s id');
    const gid = flags.order as OrderGid;
    const contactId = flags.contact as ContactId | null;
    return async (pipeline) => {
      const shop = await requireShop(pipeline, domain);
      const shopId = shop.id as ShopId;
      const order = await pipeline.db.order.findUnique({ where: { shopId_gid: { shopId, gid } } });
      const evidence = (order?.evidence ?? []) as Evidence[];
      const before = order?.staffLink as StaffLink | null | undefined;
      const others = [...(before?.rejected ?? []), ...evidence.map((one) => one.contactId)];
      const rejected = forget ? [] : [...new Set(others)].filter((id) => id !== contactId);
      const outcome = await linkByHand(pipeline, {
        shopId,
        gid,
        contactId,
        rejected,
        by: flags.by ?? SOMEBODY,
      });
      switch (outcome.kind) {
        case 'order_not_found':
          throw new Error(`${domain} has no order ${gid}`);
        case 'contact_not_found':
          throw new Error(`${domain} has no contact ${String(contactId)}`);
        case 'linked': {
          const text =
            outcome.contactId === null
              ? `${gid} is linked to nobody`
              : `${gid} is linked to ${outcome.contactId}`;
          return { json: { order_id: gid, contact: outcome.contactId, rejected }, text };
        }
      }
    };
  },
};
