import type { ContactId } from '../domain/ids.ts';
import { readPhone, whatsappForms } from '../domain/phone.ts';
import type { EventReason } from '../domain/reason.ts';
import type { Transaction } from '../storage/database.ts';
import { findContacts } from './contacts.ts';
import type { Pipeline } from './context.ts';
import type { ShopFacts } from './shop.ts';

/** Deletes everything of a shop but the delivery that asks for it, which is settled with the rest of its batch. */
export async function eraseShop(tx: Transaction, shop: ShopFacts, asking: bigint): Promise<void> {
  await tx.conversionEvent.deleteMany({ where: { shopId: shop.id } });
  await tx.order.deleteMany({ where: { shopId: shop.id } });
  await tx.delivery.deleteMany({ where: { account: shop.domain, source: 'shopify', id: { not: asking } } });
  const connections = await tx.whatsAppConnection.findMany({
    where: { shopId: shop.id },
    select: { id: true },
  });
  await tx.delivery.deleteMany({
    where: { account: { in: connections.map(({ id }) => id) }, source: 'whatsapp' },
  });
  await tx.session.deleteMany({ where: { shop: shop.domain } });
  // Contacts, identities, referrals and connections go with it.
  await tx.shop.delete({ where: { id: shop.id } });
}

/**
 * Forgets a customer, known by phone or by the orders to redact: their WhatsApp contact with its clicks, what ties
 * their orders to a person, and the hashed phone and email in what was sent. The orders' totals and states stay, so the
 * shop's figures still add up.
 */
export async function eraseCustomer(
  pipeline: Pipeline,
  tx: Transaction,
  shop: ShopFacts,
  customer: { phone: string | null; orderIds: readonly string[] },
): Promise<void> {
  const gids = customer.orderIds.map((id) => `gid://shopify/Order/${id}`);
  const named = await tx.order.findMany({
    where: { shopId: shop.id, gid: { in: gids }, contactId: { not: null } },
    select: { contactId: true },
  });
  const contactIds = [
    ...(await contactsWithPhone(pipeline, tx, shop, customer.phone)),
    ...named.flatMap(({ contactId }) => contactId ?? []),
  ];
  const theirs = {
    shopId: shop.id,
    OR: [{ gid: { in: gids } }, { contactId: { in: contactIds } }],
  };
  const orders = await tx.order.findMany({ where: theirs, select: { gid: true } });
  const events = { shopId: shop.id, subject: { in: orders.map((order) => order.gid) } };
  // What has not been sent yet is not sent any more: the person asked to be forgotten.
  await tx.conversionEvent.updateMany({
    where: { ...events, state: 'due' },
    data: { state: 'withheld', reason: 'customer_erased' satisfies EventReason, settledAt: pipeline.clock() },
  });
  await tx.conversionEvent.updateMany({ where: events, data: { payload: '' } });
  await tx.order.updateMany({ where: theirs, data: { contactId: null, referralId: null, evidence: [] } });
  await tx.contact.deleteMany({ where: { shopId: shop.id, id: { in: contactIds } } });
}

async function contactsWithPhone(
  pipeline: Pipeline,
  tx: Transaction,
  shop: ShopFacts,
  phone: string | null,
): Promise<ContactId[]> {
  const reading = readPhone(phone, shop.country === null ? [] : [shop.country]);
  if (reading.kind !== 'numbers') return [];
  const forms = reading.numbers.flatMap((number) => whatsappForms(number));
  const found = await findContacts(
    tx,
    forms.map(({ digits }) => ({ shopId: shop.id, hash: pipeline.index(shop.id, 'phone', digits) })),
  );
  return [...new Set(found.values())];
}
