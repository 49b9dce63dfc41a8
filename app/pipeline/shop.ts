import type { ShopId } from '../domain/ids.ts';
import { DEFAULT_SETTINGS, readSettings, type Settings } from '../domain/settings.ts';
import type { Shop } from '../../prisma/generated/client.ts';
import type { ShopInfo } from '../platforms/shopify/admin.ts';
import type { Prisma, Transaction } from '../storage/database.ts';
import type { Pipeline } from './context.ts';

/** What the steps need to know of a shop. */
export type ShopFacts = { id: ShopId; domain: string; country: string | null; settings: Settings };

/** The shops with these domains; one that is not known yet is made: only Shopify can have signed its delivery. */
export async function ensureShops(
  tx: Transaction,
  domains: readonly string[],
): Promise<Map<string, ShopFacts>> {
  const distinct = [...new Set(domains)];
  const find = () => tx.shop.findMany({ where: { domain: { in: distinct } } });
  let rows = await find();
  if (rows.length < distinct.length) {
    await tx.shop.createMany({
      data: distinct.toSorted().map((domain) => ({ domain })),
      skipDuplicates: true,
    });
    rows = await find();
  }
  return new Map(rows.map((row) => [row.domain, shopFacts(row)]));
}

export function shopFacts(row: Shop): ShopFacts {
  return {
    id: row.id as ShopId,
    domain: row.domain,
    country: row.country,
    settings: readSettings(row.settings),
  };
}

/** The shop with this domain; null when Tieback has never met it. */
export function findShop(pipeline: Pick<Pipeline, 'db'>, domain: string): Promise<Shop | null> {
  return pipeline.db.shop.findUnique({ where: { domain } });
}

/**
 * The shop of that domain, made when it is not known yet. Pages load in parallel and several may be the first to ask.
 * `askShopify` is asked once, for a shop of which nothing but its domain is known.
 */
export async function shopOf(
  pipeline: Pick<Pipeline, 'db'>,
  domain: string,
  askShopify?: () => Promise<ShopInfo | null>,
): Promise<Shop> {
  const find = () => pipeline.db.shop.findUnique({ where: { domain } });
  let shop = await find();
  if (shop === null) {
    await pipeline.db.shop.createMany({ data: [{ domain }], skipDuplicates: true });
    shop = await find();
  }
  if (shop === null) throw new Error(`the shop ${domain} was removed in this moment`);
  if (shop.gid !== null || askShopify === undefined) return shop;
  const info = await askShopify();
  return info === null ? shop : pipeline.db.shop.update({ where: { id: shop.id }, data: info });
}

/**
 * Runs after every token exchange, about hourly for a shop in use: notes that the shop is installed and what Shopify
 * says of it. A reinstall finds everything as it was.
 */
export async function welcomeShop(pipeline: Pipeline, domain: string, info: ShopInfo | null): Promise<void> {
  const shop = await shopOf(pipeline, domain);
  await pipeline.db.shop.update({
    where: { id: shop.id },
    data: {
      ...info,
      ...(shop.uninstalledAt !== null && { uninstalledAt: null, installedAt: pipeline.clock() }),
    },
  });
}

/** Stores a shop's settings; only what differs from the defaults is kept, so that a default can improve later. */
export async function saveSettings(
  pipeline: Pick<Pipeline, 'db'>,
  shop: ShopId,
  settings: Settings,
): Promise<void> {
  const changed = Object.entries(settings).filter(
    ([key, value]) => DEFAULT_SETTINGS[key as keyof Settings] !== value,
  );
  await pipeline.db.shop.update({
    where: { id: shop },
    data: { settings: Object.fromEntries(changed) satisfies Prisma.InputJsonObject },
  });
}
