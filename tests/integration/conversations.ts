import { expect } from 'vitest';
import type { ShopId } from '../../app/domain/ids.ts';
import { captureBatch } from '../../app/pipeline/capture.ts';
import { textMessage, type TextMessage } from '../sandbox/pretend-whatsapp.ts';
import { MARIA, START, type Connection, type TapOptions, type Tieback } from './tieback.ts';

export const USER = 'BR.13491208655302741918';
export const NEXT_USER = 'BR.55500000000000000001';
export const MINUTE_MS = 60_000;
export const DAY_MS = 24 * 60 * MINUTE_MS;
export const minutesAgo = (minutes: number) => new Date(START.getTime() - minutes * MINUTE_MS);

type Message = Partial<TextMessage> & { messageId: string };

/** Fields of a message to this number. */
export function to({ wabaId, phoneNumberId, displayNumber }: Connection, message: Message): TextMessage {
  return { wabaId, phoneNumberId, displayNumber, from: null, at: START, ...message };
}

export async function receive(tieback: Tieback, ...bodies: unknown[]): Promise<void> {
  for (const body of bodies) {
    expect((await tieback.sendWhatsApp(body)).status).toBe(200);
    await captureBatch(tieback.pipeline);
  }
}

export async function tap(tieback: Tieback, options: TapOptions): Promise<void> {
  await tieback.tapAd(options);
  await captureBatch(tieback.pipeline);
}

export function contacts({ pipeline }: Tieback) {
  return pipeline.db.contact.findMany({
    where: { mergedInto: null },
    include: { identities: true, referrals: { orderBy: { clickedAt: 'asc' } } },
    orderBy: { firstMessageAt: 'asc' },
  });
}

export const merges = ({ pipeline }: Tieback) =>
  pipeline.db.contactMerge.findMany({ orderBy: { mergedAt: 'asc' } });

/** A paid order that carries this phone, as it stands once it was decided. */
export async function order(
  tieback: Tieback,
  shopId: ShopId,
  fields: { gid: string; placedAt: Date; phone: string; paid?: boolean; contactId?: string },
) {
  const { gid, placedAt, phone, paid = true, contactId = null } = fields;
  const { db, index } = tieback.pipeline;
  const money = { total: '10', presentmentTotal: '10', currency: 'BRL', presentmentCurrency: 'BRL' };
  await db.order.create({
    data: {
      shopId,
      gid,
      name: gid,
      placedAt,
      paidAt: paid ? placedAt : null,
      shopifyUpdatedAt: placedAt,
      contactId,
      ...money,
    },
  });
  const hash = index(shopId, 'phone', phone);
  await db.orderClue.create({
    data: { shopId, gid, hash, kind: 'phone', source: 'order', buyer: gid, placedAt },
  });
}

export async function marked({ pipeline }: Tieback): Promise<string[]> {
  const rows = await pipeline.db.order.findMany({ where: { reconsider: true }, orderBy: { gid: 'asc' } });
  return rows.map(({ gid }) => gid);
}

/** A click behind a username, one by number, and the message that shows that both are one. */
export async function twoThenOne(tieback: Tieback, connection: Connection): Promise<void> {
  await tap(tieback, {
    from: null,
    userId: USER,
    messageId: 'wamid.HIDDEN',
    clid: 'hidden',
    at: minutesAgo(60),
  });
  await tap(tieback, { messageId: 'wamid.NUMBER', clid: 'number', at: minutesAgo(30) });
  await receive(
    tieback,
    textMessage(
      to(connection, { from: MARIA.whatsapp, userId: USER, messageId: 'wamid.BOTH', at: minutesAgo(5) }),
    ),
  );
}
