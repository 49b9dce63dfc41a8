import { Session } from '@shopify/shopify-api';
import type { SessionStorage } from '@shopify/shopify-app-session-storage';
import type { Session as SessionRow } from '../../prisma/generated/client.ts';
import type { Database } from './database.ts';
import type { Vault } from './vault.ts';

type TokenColumn = 'access_token' | 'refresh_token';

/** Shopify's sessions in our database with both tokens sealed; Shopify's own Prisma store keeps them in the clear. */
export function createSessionStorage(db: Database, vault: Vault): SessionStorage {
  const binding = (id: string, shop: string, column: TokenColumn) => ({
    table: 'sessions',
    column,
    owner: shop,
    row: id,
  });
  const seal = (session: Session, column: TokenColumn, token: string | undefined): string | null =>
    token === undefined ? null : vault.seal(token, binding(session.id, session.shop, column));
  const open = (row: SessionRow, column: TokenColumn, sealed: string | null): string | undefined =>
    sealed === null ? undefined : vault.open(sealed, binding(row.id, row.shop, column));

  const read = (row: SessionRow): Session =>
    new Session({
      id: row.id,
      shop: row.shop,
      state: row.state,
      isOnline: row.isOnline,
      scope: row.scope ?? undefined,
      expires: row.expires ?? undefined,
      accessToken: open(row, 'access_token', row.accessToken),
      refreshToken: open(row, 'refresh_token', row.refreshToken),
      refreshTokenExpires: row.refreshTokenExpires ?? undefined,
    });

  return {
    async storeSession(session) {
      const data = {
        shop: session.shop,
        state: session.state,
        isOnline: session.isOnline,
        scope: session.scope ?? null,
        expires: session.expires ?? null,
        accessToken: seal(session, 'access_token', session.accessToken),
        refreshToken: seal(session, 'refresh_token', session.refreshToken),
        refreshTokenExpires: session.refreshTokenExpires ?? null,
      };
      await db.session.upsert({
        where: { id: session.id },
        create: { id: session.id, ...data },
        update: data,
      });
      return true;
    },
    async loadSession(id) {
      const row = await db.session.findUnique({ where: { id } });
      return row ? read(row) : undefined;
    },
    async deleteSession(id) {
      await db.session.deleteMany({ where: { id } });
      return true;
    },
    async deleteSessions(ids) {
      await db.session.deleteMany({ where: { id: { in: ids } } });
      return true;
    },
    async findSessionsByShop(shop) {
      const rows = await db.session.findMany({ where: { shop } });
      return rows.map(read);
    },
  };
}
