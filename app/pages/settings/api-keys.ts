import type { ShopId } from '../../domain/ids.ts';
import { apiKeysOf, createApiKey, MOST_API_KEYS, revokeApiKey } from '../../pipeline/api-keys.ts';
import type { Services } from '../../services.ts';
import { shopClock } from '../format.ts';

export type ApiKeyLine = {
  id: string;
  name: string;
  /** "tieback_…Qw3x". */
  hint: string;
  /** "Created Nov 20, 2026, 2:05 PM by …, not used yet." */
  words: string;
  revoked: boolean;
};
export type ApiKeysDetail = {
  keys: ApiKeyLine[];
  /** Where programs report events, and where that is described. */
  address: string;
  document: string;
};
/** What came of a form of the card. */
export type ApiKeysOutcome =
  | { kind: 'created'; id: string; name: string; key: string }
  | { kind: 'invalid'; problem: string }
  | { kind: 'revoked' }
  | { kind: 'not_found' }
  | { kind: 'unknown_intent' };

type Shop = { id: number; timezone: string | null };

/** A shop's API keys as its settings page shows them; no key itself is among it. */
export async function loadApiKeys(services: Services, shop: Shop): Promise<ApiKeysDetail> {
  const { time } = shopClock(shop.timezone);
  const keys = await apiKeysOf(services, shop.id as ShopId);
  const { appUrl } = services.environment.shopify;
  return {
    address: `${appUrl}/api/v1/events`,
    document: `${appUrl}/api/v1/openapi.json`,
    keys: keys.map(({ id, name, hint, createdBy, createdAt, lastUsedAt, revokedAt }) => {
      const made = `Created ${time(createdAt)} by ${createdBy === 'operator' ? 'the team that runs Tieback' : createdBy}`;
      const used = lastUsedAt === null ? 'never used' : `last used about ${time(lastUsedAt)}`;
      const ended = revokedAt === null ? '' : `, revoked ${time(revokedAt)}`;
      return {
        id,
        name,
        hint: `tieback_…${hint}`,
        words: `${made}, ${used}${ended}.`,
        revoked: revokedAt !== null,
      };
    }),
  };
}

/** Carries out the one thing that a form of the card asks for. `by` is who asks, for the record. */
export async function actOnApiKeys(
  services: Services,
  { shop, form, by }: { shop: Shop; form: FormData; by: string },
): Promise<ApiKeysOutcome> {
  const shopId = shop.id as ShopId;
  switch (form.get('intent')) {
    case 'create':
      return create(services, { shopId, name: field(form, 'name'), by });
    case 'revoke':
      return revokeApiKey(services, shopId, field(form, 'id'));
    default:
      return { kind: 'unknown_intent' };
  }
}

async function create(
  services: Services,
  request: { shopId: ShopId; name: string; by: string },
): Promise<ApiKeysOutcome> {
  const outcome = await createApiKey(services, request);
  switch (outcome.kind) {
    case 'created':
      return { kind: 'created', id: outcome.id, name: request.name, key: outcome.key };
    case 'bad_name':
      return { kind: 'invalid', problem: 'Enter a name of 1 to 60 characters, such as the program’s.' };
    case 'too_many':
      return {
        kind: 'invalid',
        problem: `You have ${MOST_API_KEYS} keys in use, which is the most. Revoke one that is no longer needed first.`,
      };
  }
}

function field(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
}
