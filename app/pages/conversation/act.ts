import {
  CHAT_LINK_KINDS,
  type ChatLinkKind,
  type ChatLinkProblem,
  type ChatLinkRequest,
} from '../../domain/chat-link.ts';
import type { ShopId } from '../../domain/ids.ts';
import { createChatLink } from '../../pipeline/chat-links.ts';
import { undoMerge } from '../../pipeline/merge.ts';
import type { Services } from '../../services.ts';
import { shopClock } from '../format.ts';
import { pasted, type Pasted } from './link-line.ts';
import { mergeWords } from './merge-words.ts';

/** What came of the form that makes a chat link. */
export type ChatLinkFormOutcome =
  | { kind: 'created'; id: string; pasted: Pasted }
  | { kind: 'invalid'; problems: ChatLinkProblem[] }
  | { kind: 'not_found' }
  | { kind: 'unknown_kind' };

/** What came of saying that two chats that became one are two people's. */
export type UndoMergeOutcome =
  | { kind: 'undone' }
  | { kind: 'already_undone' }
  /** The chat became one with another since; `first` tells of that merge, which is to be taken back first. */
  | { kind: 'merged_further'; first: string }
  | { kind: 'not_found' };
export type ConversationOutcome = ChatLinkFormOutcome | UndoMergeOutcome | { kind: 'unknown_intent' };
type Shop = { id: number; domain: string; timezone: string | null };

/** Carries out the one thing that a form of the conversation's page asks for. `by` is who asks, for the record. */
export async function actOnConversation(
  services: Services,
  request: { shop: Shop; contactId: string; form: FormData; by: string },
): Promise<ConversationOutcome> {
  const { shop, form } = request;
  switch (form.get('intent')) {
    case 'make_link':
      return makeChatLink(services, request);
    case 'undo_merge':
      return takeApart(services, shop, form.get('merge'));
    default:
      return { kind: 'unknown_intent' };
  }
}

async function takeApart(
  services: Services,
  { id, timezone }: Shop,
  merge: FormDataEntryValue | null,
): Promise<UndoMergeOutcome> {
  const shopId = id as ShopId;
  if (typeof merge !== 'string') return { kind: 'not_found' };
  const outcome = await services.db.$transaction((tx) => undoMerge(services, tx, shopId, merge));
  switch (outcome.kind) {
    case 'undone':
      services.bell.ring();
      return { kind: 'undone' };
    case 'already_undone':
      return { kind: 'already_undone' };
    case 'not_found':
      return { kind: 'not_found' };
    case 'merged_further': {
      const where = { shopId_id: { shopId, id: outcome.mergeId } };
      const later = await services.db.contactMerge.findUniqueOrThrow({ where });
      return { kind: 'merged_further', first: mergeWords(later, shopClock(timezone)) };
    }
  }
}

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
    case 'code_in_use':
      return { kind: 'invalid', problems: [{ field: 'code', problem: CODE_IN_USE }] };
    case 'unknown_contact':
      return { kind: 'not_found' };
  }
}

const CODE_TAKEN =
  'This code was made for another conversation. Create a code in Shopify for this customer alone, and enter that one.';
const CODE_IN_USE =
  'Other orders carry this code already. Create a code in Shopify for this customer alone, and enter that one.';

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
