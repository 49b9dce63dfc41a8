import { z } from 'zod';
import type { ContactId, OrderGid, ShopId } from '../../domain/ids.ts';
import { linkByHand } from '../../pipeline/staff-link.ts';
import type { Services } from '../../services.ts';
import { findChats } from './chats.ts';
import type { FoundChats } from './chats.ts';
import { evidenceLines } from './evidence.ts';
import { orderGid } from './load.ts';
import { readStaffLink } from './staff-link.ts';

/** What came of something that staff asked for on an order's page. */
export type OrderOutcome =
  | FoundChats
  | { kind: 'linked' }
  | { kind: 'parted' }
  | { kind: 'taken_back' }
  | { kind: 'not_found' }
  | { kind: 'unknown_intent' };

type Shop = { id: number; country: string | null; timezone: string | null };
type Say = { contactId: ContactId | null; rejected: ContactId[] };

const contactId = z.uuid().transform((id) => id as ContactId);

/** Carries out the one thing that a form of the order page asks for. `by` is who asks, for the record. */
export async function actOnOrder(
  services: Services,
  shop: Shop,
  { legacyId, by, form }: { legacyId: string; by: string; form: FormData },
): Promise<OrderOutcome> {
  const gid = orderGid(legacyId);
  const order = gid && (await readOrder(services, shop.id, gid));
  if (gid === null || order === null) return { kind: 'not_found' };
  const chat = contactId.safeParse(form.get('contactId')).data ?? null;
  const say = async (said: Say, kind: 'linked' | 'parted' | 'taken_back'): Promise<OrderOutcome> => {
    const outcome = await linkByHand(services, { shopId: shop.id as ShopId, gid, ...said, by });
    return { kind: outcome.kind === 'linked' ? kind : 'not_found' };
  };

  switch (form.get('intent')) {
    case 'find_chats': {
      const phone = form.get('phone');
      return findChats(services, shop, typeof phone === 'string' ? phone.trim() : '');
    }
    case 'link':
      return chat === null ? { kind: 'not_found' } : say(theirs(order, chat), 'linked');
    case 'part':
      return chat === null ? { kind: 'not_found' } : say(notTheirs(order, chat), 'parted');
    case 'take_back':
      return say({ contactId: null, rejected: [] }, 'taken_back');
    default:
      return { kind: 'unknown_intent' };
  }
}

type Standing = { staff: Say | null; pointsTo: ContactId[] };

async function readOrder({ db }: Services, shopId: number, gid: OrderGid): Promise<Standing | null> {
  const order = await db.order.findUnique({
    where: { shopId_gid: { shopId, gid } },
    select: { evidence: true, staffLink: true },
  });
  if (order === null) return null;
  const pointsTo = evidenceLines(order.evidence).map((line) => line.contactId as ContactId);
  return { staff: readStaffLink(order.staffLink), pointsTo };
}

/**
 * A person's word ranks below all other evidence, so that it never hides what an order itself says: choosing a chat
 * therefore rejects every other one that the evidence points to.
 */
function theirs({ staff, pointsTo }: Standing, chosen: ContactId): Say {
  const others = [...(staff?.rejected ?? []), ...pointsTo].filter((id) => id !== chosen);
  return { contactId: chosen, rejected: [...new Set(others)] };
}

function notTheirs({ staff }: Standing, rejected: ContactId): Say {
  const linked = staff?.contactId ?? null;
  return {
    contactId: linked === rejected ? null : linked,
    rejected: [...new Set([...(staff?.rejected ?? []), rejected])],
  };
}
