import type { ChatLinkRequest } from '../../app/domain/chat-link.ts';
import type { ContactId } from '../../app/domain/ids.ts';
import { chatLinksOf, createChatLink, type MadeChatLink } from '../../app/pipeline/chat-links.ts';
import { SHOP, type Tieback } from './tieback.ts';

export const PRODUCT = { kind: 'product', product: 'camiseta', variant: null } as const;
export const CODE = { kind: 'discount', code: 'VEM-MARIA', to: null } as const;
export const JOAO = '5521912345678';

/** A shop with two conversations, Maria's and João's. */
export async function withChats(tieback: Tieback) {
  const { shopId } = await tieback.connect();
  await tieback.tapAd();
  await tieback.tapAd({ from: JOAO, messageId: 'wamid.JOAO', clid: null });
  await tieback.work();
  const contact = async (mask: string) => {
    const row = await tieback.pipeline.db.contact.findFirstOrThrow({
      where: { maskedPhone: { endsWith: mask } },
    });
    return row.id as ContactId;
  };
  const [maria, joao] = [await contact('4321'), await contact('5678')];
  const shop = { id: shopId, domain: SHOP };
  const make = (contactId: string, request: ChatLinkRequest) =>
    createChatLink(tieback.pipeline, { shop, contactId, request, by: 'test' });
  const linksOf = (id: ContactId) => chatLinksOf(tieback.pipeline, shop, id);
  return { tieback, shop, maria, joao, make, linksOf };
}

export async function made(outcome: ReturnType<typeof createChatLink>): Promise<MadeChatLink> {
  const result = await outcome;
  if (result.kind !== 'created') throw new Error(result.kind);
  return result.link;
}

/** Fields of an order that this code was entered on. */
export const withCode = (code: string) => ({
  discount_codes: [{ code, amount: '10.00', type: 'fixed_amount' }],
});
