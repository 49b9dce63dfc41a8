import type { ShopId } from '../domain/ids.ts';
import { apiKeysOf, createApiKey, MOST_API_KEYS, revokeApiKey } from '../pipeline/api-keys.ts';
import type { Pipeline } from '../pipeline/context.ts';
import {
  readFlags,
  requireShop,
  shopDomain,
  table,
  UsageError,
  type Command,
  type Result,
} from './command.ts';

export const apiKey: Command = {
  usage:
    'api-key create --shop DOMAIN --name NAME | api-key list --shop DOMAIN | api-key revoke --shop DOMAIN --id ID',
  purpose: 'makes, lists and ends the keys with which a merchant’s own programs report events',
  prepare([action, ...args]) {
    switch (action) {
      case 'create': {
        const { shop, name } = readFlags(args, ['shop', 'name']);
        return forShop(shop, (pipeline, shopId) => create(pipeline, shopId, name));
      }
      case 'list':
        return forShop(readFlags(args, ['shop']).shop, list);
      case 'revoke': {
        const { shop, id } = readFlags(args, ['shop', 'id']);
        return forShop(shop, (pipeline, shopId) => revoke(pipeline, shopId, id));
      }
      default:
        throw new UsageError('say what to do: create, list or revoke');
    }
  },
};

function forShop(
  given: string,
  work: (pipeline: Pipeline, shopId: ShopId) => Promise<Result>,
): ReturnType<Command['prepare']> {
  const domain = shopDomain(given);
  return async (pipeline) => work(pipeline, (await requireShop(pipeline, domain)).id as ShopId);
}

async function create(pipeline: Pipeline, shopId: ShopId, name: string): Promise<Result> {
  const outcome = await createApiKey(pipeline, { shopId, name, by: 'operator' });
  switch (outcome.kind) {
    case 'created': {
      const { id, key } = outcome;
      return { json: { id, key }, text: `${key}\nis shown this once; its id is ${id}` };
    }
    case 'bad_name':
      throw new Error('--name must be one line of 1 to 60 characters');
    case 'too_many':
      throw new Error(`the shop has ${MOST_API_KEYS} keys in use already; revoke one of them first`);
  }
}

async function list(pipeline: Pipeline, shopId: ShopId): Promise<Result> {
  const keys = (await apiKeysOf(pipeline, shopId)).map((key) => ({
    id: key.id,
    name: key.name,
    ends_in: key.hint,
    created_by: key.createdBy,
    created_at: key.createdAt.toISOString(),
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
  }));
  return { json: keys, text: table(keys, 'no API keys') };
}

async function revoke(pipeline: Pipeline, shopId: ShopId, id: string): Promise<Result> {
  const outcome = await revokeApiKey(pipeline, shopId, id);
  if (outcome.kind === 'not_found') throw new Error(`the shop has no API key ${id}`);
  return {
    json: { id, revoked: true },
    text: `${id} is revoked: programs that show it are refused from now on`,
  };
}
