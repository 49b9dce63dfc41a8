import { stepRates, type StepRate } from './ceiling.ts';
import { openWorld, type World } from './world.ts';

const ORDERS = 10_000;

/** The steps on an almost empty database, and again with a million contacts and ten million clicks stored. */
export async function growth(options: { contacts: number; clicks: number }) {
  const world = await openWorld({ shops: 50, clickersPerShop: 100, workers: 1 });
  try {
    await world.stopWorkers();
    // Once to warm up, so that the first measured run is not the one that pays for it.
    await stepRates(world, 2_000);
    const empty = await stepRates(world, ORDERS);
    await fill(world, options);
    const full = await stepRates(world, ORDERS);
    const share = (key: 'attribute' | 'deliver'): Record<keyof StepRate, number> => ({
      perSecond: Math.round((full[key].perSecond / empty[key].perSecond) * 100) / 100,
      cpuMs: Math.round((full[key].cpuMs / empty[key].cpuMs) * 100) / 100,
    });
    return {
      ...options,
      empty,
      full,
      fullToEmpty: { attribute: share('attribute'), deliver: share('deliver') },
      plans: await plans(world),
    };
  } finally {
    await world.close();
  }
}

/** Rows made by the database itself, spread over the shops as real ones would be. */
async function fill(
  { opened, shops }: World,
  { contacts, clicks }: { contacts: number; clicks: number },
): Promise<void> {
  const { db } = opened.pipeline;
  const perContact = Math.round(clicks / contacts);
  await db.$executeRawUnsafe(`
    INSERT INTO contacts (shop_id, id, masked_phone, first_message_at, last_message_at, messages)
    SELECT (SELECT min(id) FROM shops) + g % ${shops.length}, uuidv7(), '+55 ••••• 0000', now() - interval '60 days', now(), 3
    FROM generate_series(1, ${contacts}) g`);
  await db.$executeRawUnsafe(`
    INSERT INTO contact_identities (shop_id, hash, kind, contact_id)
    SELECT shop_id, decode(md5(id::text), 'hex'), 'phone', id FROM contacts WHERE messages = 3`);
  await db.$executeRawUnsafe(`
    INSERT INTO referrals (shop_id, id, contact_id, connection_id, message_key, clicked_at, source_type, source_id, click_id, raw)
    SELECT c.shop_id, uuidv7(), c.id, w.id, c.id::text || '-' || g, now() - g * interval '3 days', 'ad', '1202', repeat('x', 240), repeat('y', 700)
    FROM contacts c JOIN connections w ON w.shop_id = c.shop_id CROSS JOIN generate_series(1, ${perContact}) g
    WHERE c.messages = 3`);
  for (const name of ['contacts', 'contact_identities', 'referrals'])
    await db.$executeRawUnsafe(`VACUUM ANALYZE ${name}`);
}

/** How the two look-ups that could grow are run. */
async function plans({ opened }: World): Promise<Record<string, string[]>> {
  const { db } = opened.pipeline;
  const explain = async (sql: string): Promise<string[]> =>
    (
      await db.$queryRawUnsafe<{ 'QUERY PLAN': string }[]>(
        `EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF) ${sql}`,
      )
    ).map((row) => row['QUERY PLAN']);
  const hashes = `(SELECT array_agg(hash) FROM (SELECT hash FROM contact_identities LIMIT 200) h)`;
  const shopIds = `(SELECT array_agg(shop_id) FROM (SELECT shop_id FROM contact_identities LIMIT 200) h)`;
  return {
    identities: await explain(`SELECT i.contact_id FROM unnest(${shopIds}, ${hashes}) AS asked(shop_id, hash)
      JOIN contact_identities i ON i.shop_id = asked.shop_id AND i.hash = asked.hash`),
    clicks:
      await explain(`SELECT r.id FROM (SELECT shop_id, id FROM contacts LIMIT 200) asked CROSS JOIN LATERAL (
      SELECT id FROM referrals WHERE shop_id = asked.shop_id AND contact_id = asked.id ORDER BY clicked_at DESC LIMIT 500) r`),
  };
}
