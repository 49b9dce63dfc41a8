import { expect, test } from 'vitest';
import { contacts, DAY_MS, marked, minutesAgo, order, tap } from './conversations.ts';
import { acceptedBy, bought, decide, eventsOf, orderOf, write } from './linking.ts';
import { MARIA, openTieback, type Tieback } from './tieback.ts';

const daysAgo = (days: number) => minutesAgo((days * DAY_MS) / 60_000);

async function creditedAd(tieback: Tieback): Promise<string | null | undefined> {
  const { referralId } = await orderOf(tieback, 1);
  const click = await tieback.pipeline.db.referral.findFirst({ where: { id: referralId ?? '' } });
  return click?.sourceId;
}

test('an ad click that arrives after its order was decided is credited with it and reported', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await write(tieback, connection, { from: MARIA.whatsapp, messageId: 'wamid.HELLO', at: minutesAgo(60) });
  await tieback.pay(bought(1));
  await decide(tieback);
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'not_attributed', reason: 'no_ad_click' });
  await tieback.tapAd();
  await tieback.work();
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'report', reconsider: false });
  expect(acceptedBy(tieback)).toEqual(['shopify:order:1:Purchase']);
});

test('a later click that arrives late takes the credit from an earlier one, in an event that has not left', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd({ adId: 'earlier', at: minutesAgo(60) });
  await tieback.pay(bought(1));
  await decide(tieback);
  expect(await creditedAd(tieback)).toBe('earlier');
  await tieback.tapAd({ adId: 'later', messageId: 'wamid.LATER', clid: 'later' });
  await decide(tieback);
  expect(await creditedAd(tieback)).toBe('later');
  expect(await eventsOf(tieback)).toHaveLength(1);
});

test('a click marks its person’s orders of the last 7 days that were placed after it, once', async () => {
  const tieback = await openTieback();
  const { shopId } = await tieback.connect();
  await tap(tieback, { clid: 'first', at: daysAgo(20) });
  await tap(tieback, { from: '5521900000000', messageId: 'wamid.OTHER', clid: 'other', at: daysAgo(20) });
  const [maria, other] = (await contacts(tieback)).toSorted((a, b) =>
    String(b.maskedPhone).localeCompare(String(a.maskedPhone)),
  );
  for (const [gid, days, person] of [
    ['2 days', 2, maria],
    ['4 days', 4, maria],
    ['8 days', 8, maria],
    ['somebody else’s', 2, other],
  ] as const) {
    await order(tieback, shopId, {
      gid,
      placedAt: daysAgo(days),
      phone: '5521911111111',
      contactId: person?.id ?? '',
    });
  }
  const { db } = tieback.pipeline;
  const click = { clid: 'late', messageId: 'wamid.LATE', at: daysAgo(3) };
  await tap(tieback, click);
  expect(await marked(tieback)).toEqual(['2 days']);

  await db.order.updateMany({ data: { reconsider: false } });
  // WhatsApp may tell of it again when its delivery is long forgotten.
  await db.delivery.deleteMany();
  await tap(tieback, click);
  expect(await marked(tieback)).toEqual([]);

  await tap(tieback, { clid: 'older', messageId: 'wamid.OLDER', at: daysAgo(9) });
  expect(await marked(tieback)).toEqual(['2 days', '4 days']);
});
