import type { ShopId } from '../domain/ids.ts';
import { IS_AD_CLICK } from '../pages/ad-click.ts';
import { undoMerge, type UndoOutcome } from '../pipeline/merge.ts';
import { Prisma } from '../storage/database.ts';
import { readFlags, requireShop, shopDomain, table, UsageError, type Command } from './command.ts';

type Row = {
  id: string;
  maskedPhone: string | null;
  firstMessageAt: Date;
  lastMessageAt: Date;
  messages: number;
  clicks: number;
  orders: number;
  merges: { id: string; merged: string; by: string; at: string }[];
};

const MOST = 200;

export const contacts: Command = {
  usage: `contacts --shop DOMAIN [--limit 1-${MOST}] [--undo MERGE_ID]`,
  purpose: 'one line per conversation, newest first, with the merges behind it; takes a merge back',
  prepare(args) {
    const flags = readFlags(args, ['shop'], ['limit', 'undo']);
    const domain = shopDomain(flags.shop);
    const limit = readLimit(flags.limit);
    const { undo } = flags;
    return async (pipeline) => {
      const shop = await requireShop(pipeline, domain);
      const shopId = shop.id as ShopId;
      if (undo !== null) {
        const outcome = await pipeline.db.$transaction((tx) => undoMerge(pipeline, tx, shopId, undo));
        if (outcome.kind !== 'undone') throw new Error(problem(outcome, undo));
        const { contactId, restoredId } = outcome;
        pipeline.bell.ring();
        return {
          json: { merge: undo, contact: contactId, restored: restoredId },
          text: `${restoredId} stands apart from ${contactId} again; orders of the last 7 days are decided again`,
        };
      }
      const list = (await pipeline.db.$queryRaw<Row[]>(contactsOf(shopId, limit))).map((row) => ({
        id: row.id,
        phone: row.maskedPhone,
        first_message: row.firstMessageAt.toISOString(),
        last_message: row.lastMessageAt.toISOString(),
        messages: row.messages,
        clicks: row.clicks,
        orders: row.orders,
        merges: row.merges,
      }));
      const lines = list.map(({ merges, ...contact }) => ({
        ...contact,
        merges: merges.length === 0 ? null : merges.map((merge) => `${merge.id} (${merge.by})`).join(' '),
      }));
      return { json: list, text: table(lines, 'no conversations') };
    };
  },
};

function contactsOf(shopId: ShopId, limit: number): Prisma.Sql {
  return Prisma.sql`
    SELECT c.id, c.masked_phone AS "maskedPhone", c.first_message_at AS "firstMessageAt",
      c.last_message_at AS "lastMessageAt", c.messages,
      (SELECT count(*)::int FROM referrals r
        WHERE r.shop_id = c.shop_id AND r.contact_id = c.id AND ${IS_AD_CLICK}) AS clicks,
      (SELECT count(*)::int FROM orders o WHERE o.shop_id = c.shop_id AND o.contact_id = c.id) AS orders,
      (SELECT COALESCE(jsonb_agg(jsonb_build_object('id', m.id, 'merged', m.merged_id, 'by', m.shown_by,
          'at', to_char(m.merged_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) ORDER BY m.merged_at, m.id), '[]')
        FROM contact_merges m
        WHERE m.shop_id = c.shop_id AND m.contact_id = c.id AND m.undone_at IS NULL) AS merges
    FROM contacts c WHERE c.shop_id = ${shopId} AND c.merged_into IS NULL
    ORDER BY c.last_message_at DESC, c.id DESC LIMIT ${limit}`;
}

function readLimit(given: string | null): number {
  if (given === null) return MOST;
  const limit = Number(given);
  if (!/^\d+$/.test(given) || limit < 1 || limit > MOST)
    throw new UsageError(`--limit must be a whole number from 1 to ${MOST}, not ${given}`);
  return limit;
}

function problem(outcome: Exclude<UndoOutcome, { kind: 'undone' }>, merge: string): string {
  switch (outcome.kind) {
    case 'not_found':
      return `no merge ${merge} in this shop`;
    case 'already_undone':
      return `the merge was taken back at ${outcome.at.toISOString()} already`;
    case 'merged_further':
      return `the contact was merged itself since: take back ${outcome.mergeId} first`;
  }
}
