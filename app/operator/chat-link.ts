import { readChatLink, type ChatLinkProblem, type ChatLinkRequest } from '../domain/chat-link.ts';
import { draftOrderReference } from '../domain/chat-link-address.ts';
import type { ShopId } from '../domain/ids.ts';
import { createChatLink, type ChatLinkOutcome, type MadeChatLink } from '../pipeline/chat-links.ts';
import { contactsByPhone } from '../pipeline/contact-search.ts';
import type { Pipeline } from '../pipeline/context.ts';
import { type Flags, readFlags, requireShop, shopDomain, UsageError, type Command } from './command.ts';

const TARGETS = ['product', 'cart', 'discount', 'to', 'variant'] as const;

export const chatLink: Command = {
  usage:
    'chat-link --shop DOMAIN (--contact ID | --phone E164) (--product URL_OR_HANDLE [--variant ID] | --cart VARIANT:QTY[,...] [--discount CODE] | --discount CODE [--to PATH] | --draft-order)',
  purpose: 'makes a link for one conversation; the order that comes of it is tied to that conversation',
  prepare(args) {
    const flags = readFlags(
      args.filter((arg) => arg !== '--draft-order'),
      ['shop'],
      ['contact', 'phone', ...TARGETS],
    );
    const domain = shopDomain(flags.shop);
    const request = readRequest(flags, args.includes('--draft-order'));
    const reading = readChatLink(request, domain);
    if (reading.kind === 'invalid') throw new UsageError(problemWords(reading.problems));
    const { contact, phone } = flags;
    if ((contact === null) === (phone === null))
      throw new UsageError('give the conversation by --contact or by --phone, one of the two');

    return async (pipeline) => {
      const shop = await requireShop(pipeline, domain);
      const known = { id: shop.id as ShopId, domain, country: shop.country };
      const contactId = contact ?? (await onlyContact(pipeline, known, phone ?? ''));
      const outcome = await createChatLink(pipeline, { shop: known, contactId, request, by: 'operator' });
      if (outcome.kind !== 'created') throw new Error(failure(outcome, contactId));
      return { json: asJson(outcome.link), text: asText(outcome.link) };
    };
  },
};

function readRequest(
  { product, cart, discount, to, variant }: Flags<'shop', (typeof TARGETS)[number]>,
  draftOrder: boolean,
): ChatLinkRequest {
  // A cart may have a discount code applied; by itself a code is a link of its own.
  const code = cart === null ? discount : null;
  if ([product, cart, code, draftOrder || null].filter((given) => given !== null).length !== 1)
    throw new UsageError('give one of --product, --cart, --discount and --draft-order');
  if (variant !== null && product === null) throw new UsageError('--variant belongs to --product');
  if (to !== null && code === null) throw new UsageError('--to belongs to --discount');
  if (product !== null) return { kind: 'product', product, variant };
  if (cart !== null) return { kind: 'cart', cart, discount };
  return code === null ? { kind: 'draft_order' } : { kind: 'discount', code, to };
}

async function onlyContact(
  pipeline: Pipeline,
  shop: { id: ShopId; country: string | null },
  phone: string,
): Promise<string> {
  const found = await contactsByPhone(pipeline, shop, phone);
  if (found === null) throw new UsageError('--phone must be a phone number');
  const [contact, ...others] = found;
  if (contact === undefined) throw new Error('nobody with this number has written to the shop');
  if (others.length > 0)
    throw new Error(`several conversations may be meant; give --contact, one of ${found.join(', ')}`);
  return contact;
}

function problemWords(problems: readonly ChatLinkProblem[]): string {
  return problems
    .map(({ field, problem }) => `--${field === 'code' ? 'discount' : field}: ${problem}`)
    .join('\n');
}

function failure(outcome: Exclude<ChatLinkOutcome, { kind: 'created' }>, contactId: string): string {
  switch (outcome.kind) {
    case 'invalid':
      return problemWords(outcome.problems);
    case 'unknown_contact':
      return `the shop has no conversation ${contactId}`;
    case 'discount_taken':
      return `the code was made for the conversation ${outcome.contactId} already; make another one in Shopify`;
    case 'code_in_use':
      return 'other orders carry this code already; make one in Shopify for this customer alone';
  }
}

function asJson(link: MadeChatLink) {
  const { tag, attribute } = draftOrderReference(link.token);
  return {
    chat_link_id: link.id,
    contact_id: link.contactId,
    kind: link.kind,
    token: link.token,
    ...(link.kind === 'draft_order' ? { tag, attribute } : { short_url: link.shortUrl, url: link.url }),
  };
}

function asText(link: MadeChatLink): string {
  if (link.kind !== 'draft_order') return `${link.shortUrl}\nleads to ${link.url}`;
  const { tag, attribute, value } = draftOrderReference(link.token);
  return `put the tag ${tag} on the draft order\nor the attribute ${attribute} with the value ${value}`;
}
