import {
  CHAT_LINK_KINDS,
  type ChatLinkKind,
  type ChatLinkProblem,
  type ChatLinkRequest,
} from '../../domain/chat-link.ts';
import type { ShopId } from '../../domain/ids.ts';
import { createChatLink } from '../../pipeline/chat-links.ts';
import type { Services } from '../../services.ts';
import { pasted, type Pasted } from './link-line.ts';

/** What came of the form that makes a chat link. */
export type ChatLinkFormOutcome =
  | { kind: 'created'; id: string; pasted: Pasted }
  | { kind: 'invalid'; problems: ChatLinkProblem[] }
  | { kind: 'not_found' }
  | { kind: 'unknown_kind' };

/** Makes the chat link that the form asks for, for the conversation of this id. */
export async function makeChatLink(
  services: Services,
  {
    shop,
    contactId,
    form,
    by,
  }: { shop: { id: number; domain: string }; contactId: string; form: FormData; by: string },
): Promise<ChatLinkFormOutcome> {
  const kind = CHAT_LINK_KINDS.find((known) => known === form.get('kind'));
  if (kind === undefined) return { kind: 'unknown_kind' };
  const outcome = await createChatLink(services, {
    shop: { id: shop.id as ShopId, domain: shop.domain },
    contactId,
    request: readRequest(kind, form),
    by,
  });
  switch (outcome.kind) {
    case 'created':
      return { kind: 'created', id: outcome.link.id, pasted: pasted(outcome.link) };
    case 'invalid':
      return outcome;
    case 'discount_taken':
      return { kind: 'invalid', problems: [{ field: 'code', problem: CODE_TAKEN }] };
    case 'unknown_contact':
      return { kind: 'not_found' };
  }
}

const CODE_TAKEN =
  'This code was made for another conversation. Create a code in Shopify for this customer alone, and enter that one.';

function readRequest(kind: ChatLinkKind, form: FormData): ChatLinkRequest {
  const field = (name: string): string => {
    const value = form.get(name);
    return typeof value === 'string' ? value.trim() : '';
  };
  switch (kind) {
    case 'product':
      return { kind, product: field('product'), variant: field('variant') || null };
    case 'cart':
      return { kind, cart: field('cart'), discount: field('discount') || null };
    case 'discount':
      return { kind, code: field('code'), to: field('to') || null };
    case 'draft_order':
      return { kind };
  }
}
