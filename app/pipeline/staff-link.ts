import type { ContactId, OrderGid, ShopId } from '../domain/ids.ts';
import type { StaffLink } from '../domain/link.ts';
import { Prisma } from '../storage/database.ts';
import { currentContacts } from './clues.ts';
import { holdContacts } from './contacts.ts';
import type { Pipeline } from './context.ts';
import { decideAgain } from './reconsider.ts';
import { STANDING_ORDER, type StandingOrder } from './stored-case.ts';

/** What a person says of an order: whose it is, or null, and whose it is not. Neither: what was said before is taken back. */
export type StaffWord = {
  shopId: ShopId;
  gid: OrderGid;
  contactId: ContactId | null;
  rejected: readonly ContactId[];
  by: string;
};
export type StaffLinkOutcome =
  | { kind: 'linked'; contactId: ContactId | null }
  | { kind: 'order_not_found' }
  | { kind: 'contact_not_found' };

/**
 * Keeps what a person said of an order and decides it again in the same transaction. A contact that was merged stands
 * for the one it turned out to be. The outcome names the contact that the order is linked to now.
 */
export async function linkByHand(pipeline: Pipeline, word: StaffWord): Promise<StaffLinkOutcome> {
  const { shopId, gid } = word;
  const outcome = await pipeline.db.$transaction(async (tx): Promise<StaffLinkOutcome> => {
    await holdContacts(tx, [shopId], 'shared');
    const [row] = await tx.$queryRaw<StandingOrder[]>(Prisma.sql`
      SELECT ${STANDING_ORDER} FROM orders o WHERE o.shop_id = ${shopId} AND o.gid = ${gid} FOR UPDATE`);
    if (!row) return { kind: 'order_not_found' };
    const named = [word.contactId ?? [], word.rejected].flat().map((contactId) => ({ shopId, contactId }));
    const current = await currentContacts(tx, named);
    const contactId = word.contactId && (current.get(word.contactId) ?? null);
    if (word.contactId !== null && contactId === null) return { kind: 'contact_not_found' };

    const rejected = word.rejected.flatMap((id) => current.get(id) ?? []).filter((id) => id !== contactId);
    const staffLink = staffLinkOf(
      { contactId, rejected: [...new Set(rejected)], by: word.by },
      pipeline.clock(),
    );
    await tx.order.update({
      where: { shopId_gid: { shopId, gid } },
      data: { staffLink: staffLink ?? Prisma.DbNull },
    });
    await decideAgain(pipeline, tx, [{ ...row, staffLink }]);
    const now = await tx.order.findUniqueOrThrow({ where: { shopId_gid: { shopId, gid } } });
    return { kind: 'linked', contactId: now.contactId as ContactId | null };
  });
  if (outcome.kind === 'linked') pipeline.bell.ring();
  return outcome;
}

function staffLinkOf(said: Omit<StaffLink, 'at'>, at: Date): StaffLink | null {
  if (said.contactId === null && said.rejected.length === 0) return null;
  return { ...said, at: at.toISOString() };
}
