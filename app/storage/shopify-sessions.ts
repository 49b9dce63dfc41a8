import { Session } from '@shopify/shopify-api';
import type { SessionStorage } from '@shopify/shopify-app-session-storage';
import type { Session as SessionRow } from '../../prisma/generated/client.ts';
import type { Database } from './database.ts';
import type { Vault } from './vault.ts';

type TokenColumn = 'access_token' | 'refresh_token';

export type Sessions = SessionStorage & {
  /**
   * Puts `after` into the place of `before`; false when something else is stored there by now: an uninstall deletes a
   * session, and a merchant who opens the app may store a newer one.
   */
  replaceSession(before: Session, after: Session): Promise<boolean>;
};

/** The id under which Shopify's library keeps the session that works without a merchant. */
export const offlineSessionId = (shop: string): string => `offline_${shop}`;

/** Shopify's sessions in our database with both tokens sealed; Shopify's own Prisma store keeps them in the clear. */
export function createSessionStorage(db: Database, vault: Vault): Sessions {
  // A seal is never the same twice, so the sealed token that was read tells whether the row is still the same.
  const readFrom = new WeakMap<Session, { refreshToken: string | null; accessToken: string | null }>();
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

  const read = (row: SessionRow): Session => {
    const session = new Session({
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
    readFrom.set(session, { accessToken: row.accessToken, refreshToken: row.refreshToken });
    return session;
  };
  const write = (session: Session) => ({
    shop: session.shop,
    state: session.state,
    isOnline: session.isOnline,
    scope: session.scope ?? null,
    expires: session.expires ?? null,
    accessToken: seal(session, 'access_token', session.accessToken),
    refreshToken: seal(session, 'refresh_token', session.refreshToken),
    refreshTokenExpires: session.refreshTokenExpires ?? null,
  });

  return {
    async storeSession(session) {
      const data = write(session);
      await db.session.upsert({
        where: { id: session.id },
        create: { id: session.id, ...data },
        update: data,
      });
      return true;
    },
    async replaceSession(before, after) {
      const tokens = readFrom.get(before);
      if (tokens === undefined) return false;
      const where = { id: before.id, ...tokens };
      const { count } = await db.session.updateMany({ where, data: write(after) });
      return count > 0;
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
