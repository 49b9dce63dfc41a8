import { draftOfItems, itemsOfLink } from '../domain/checkout.ts';
import type { ChatLinkKind } from '../domain/chat-link.ts';
import type { EventName } from '../domain/event-name.ts';
import type { ChatLinkId, ContactId, ShopId } from '../domain/ids.ts';
import { switchOf } from '../domain/settings.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { tellSignals, type ChatSignal } from './chat-signal.ts';
import { holdContacts } from './contacts.ts';
import type { Pipeline } from './context.ts';
import { workRows } from './row-retries.ts';
import { shopFacts, type ShopFacts } from './shop.ts';

type Key = { shopId: ShopId; id: ChatLinkId };
type Opening = Key & {
  contactId: ContactId;
  kind: ChatLinkKind;
  target: string;
  openedAt: Date;
};
const BATCH = 200;

/** Tells of chat links that somebody opened for the first time. Returns how many it looked at. */
export function openingBatch(pipeline: Pipeline): Promise<number> {
  const now = pipeline.clock();
  const { db } = pipeline;
  return workRows<Key & { attempts: number }>(pipeline, {
    together: async () => {
      // The shops are found first: their contacts are held before any row is.
      const untold = await db.$queryRaw<{ shopId: ShopId }[]>(Prisma.sql`
        SELECT DISTINCT "shopId" FROM (${untoldKeys(now)}) l`);
      return untold.length === 0
        ? 0
        : tellOpenings(pipeline, { shopIds: untold.map(({ shopId }) => shopId), now });
    },
    due: () => db.$queryRaw(untoldKeys(now)),
    alone: ({ shopId, id }) => tellOpenings(pipeline, { shopIds: [shopId], now, only: id }),
    putOff: ({ shopId, id }, next) =>
      db.chatLink.updateMany({
        where: { shopId, id },
        data: {
          openingAttempts: { increment: 1 },
          openingDueAt: next,
          ...(next === null && { untoldOpeningAt: null }),
        },
      }),
    idsOf: ({ shopId, id }) => ({ shop: shopId, chatLink: id }),
  });
}

function untoldKeys(now: Date): Prisma.Sql {
  return Prisma.sql`
    SELECT shop_id AS "shopId", id, opening_attempts AS attempts FROM chat_links
    WHERE ${isUntold(now)} ORDER BY untold_opening_at LIMIT ${BATCH}`;
}

function isUntold(now: Date): Prisma.Sql {
  return Prisma.sql`untold_opening_at IS NOT NULL AND (opening_due_at IS NULL OR opening_due_at <= ${now})`;
}

type Wanted = { shopIds: readonly ShopId[]; now: Date; only?: ChatLinkId };

function tellOpenings(pipeline: Pipeline, wanted: Wanted): Promise<number> {
  const { shopIds } = wanted;
  return pipeline.db.$transaction(async (tx) => {
    await holdContacts(tx, shopIds, 'shared');
    const openings = await takeOpenings(tx, wanted);
    const found = await tx.shop.findMany({ where: { id: { in: [...shopIds] } } });
    const shops = new Map(found.map((shop) => [shop.id as ShopId, shopFacts(shop)]));
    await tellSignals(
      pipeline,
      tx,
      openings.flatMap((opening) => {
        const shop = shops.get(opening.shopId);
        return shop ? signalOf(opening, shop) : [];
      }),
    );
    return openings.length;
  });
}

function takeOpenings(tx: Transaction, { shopIds, now, only }: Wanted): Promise<Opening[]> {
  return tx.$queryRaw<Opening[]>(Prisma.sql`
    WITH untold AS (
      SELECT * FROM chat_links l WHERE ${isUntold(now)} AND l.shop_id = ANY(${shopIds}::int[])
        ${only === undefined ? Prisma.empty : Prisma.sql`AND l.id = ${only}::uuid`}
      ORDER BY l.untold_opening_at LIMIT ${BATCH} FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE chat_links l SET untold_opening_at = NULL, opening_due_at = NULL
    FROM untold u WHERE l.shop_id = u.shop_id AND l.id = u.id
    RETURNING l.shop_id AS "shopId", l.id, l.contact_id AS "contactId", l.kind::text AS kind, l.target,
      u.untold_opening_at AS "openedAt"`);
}

/** Who opens a cart permalink has its products in the cart at once; every other link shows something. */
function signalOf({ id, contactId, kind, target, openedAt }: Opening, shop: ShopFacts): ChatSignal[] {
  const eventName: EventName = kind === 'cart' ? 'AddToCart' : 'ViewContent';
  if (!shop.settings[switchOf(eventName)]) return [];
  const subject = `chat-link:${id}`;
  const draft = draftOfItems(itemsOfLink(target, shop.settings), shop.settings);
  return [
    {
      ...{ shop, contactId, eventName, source: 'chat_link', subject, at: openedAt, draft, value: null },
      eventId: `tieback:${subject}:${eventName}`,
    },
  ];
}
