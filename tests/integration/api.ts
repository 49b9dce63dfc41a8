import { expect } from 'vitest';
import { z } from 'zod';
import type { ShopId } from '../../app/domain/ids.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../app/domain/settings.ts';
import { createApiKey } from '../../app/pipeline/api-keys.ts';
import { saveSettings } from '../../app/pipeline/shop.ts';
import { MARIA, openTieback, SHOP, type Tieback } from './tieback.ts';

type Json = Record<string, unknown>;
export type ApiAnswer = { status: number; body: Json; headers: Headers };
export type ApiOptions = {
  /** null: no Authorization header. */
  key?: string | null;
  idempotencyKey?: string | null;
  headers?: Record<string, string>;
  /** Sent as it is, in place of the event. */
  raw?: string | Buffer;
};
export type Api = {
  tieback: Tieback;
  shopId: ShopId;
  key: string;
  /** Reports an event; what is not given is a Purchase of Maria's two minutes ago. Every answer must be in the document. */
  report(fields?: Json, options?: ApiOptions): Promise<ApiAnswer>;
  ask(id: string, options?: ApiOptions): Promise<ApiAnswer>;
  newKey(domain?: string): Promise<string>;
  set(changed: Partial<Settings>): Promise<void>;
  /** The rows of the ledger. */
  events(): Promise<{ id: string; eventName: string; source: string; state: string }[]>;
};

/** A shop whose customer Maria came from an ad, and a key of that shop. */
export async function openApi(): Promise<Api> {
  const tieback = await openTieback();
  const { shopId } = await tieback.connect();
  await tieback.tapAd();
  await tieback.work();
  const document = await readDocument(tieback);
  const newKey = async (domain = SHOP): Promise<string> => {
    const shop = await tieback.pipeline.db.shop.findUniqueOrThrow({ where: { domain } });
    const made = await createApiKey(tieback.pipeline, { shopId: shop.id as ShopId, name: 'CRM', by: 'test' });
    if (made.kind !== 'created') throw new Error(made.kind);
    return made.key;
  };
  const key = await newKey();
  let requests = 0;
  const call = async (
    method: 'get' | 'post',
    path: string,
    template: string,
    init: RequestInit,
  ): Promise<ApiAnswer> => {
    const answer = await fetch(`${tieback.url}${path}`, { ...init, method: method.toUpperCase() });
    const body = (await answer.json()) as Json;
    expectDocumented(document, { method, path: template, status: answer.status, body });
    return { status: answer.status, body, headers: answer.headers };
  };
  const authorized = (options: ApiOptions): Record<string, string> =>
    options.key === null ? {} : { Authorization: `Bearer ${options.key ?? key}` };
  return {
    tieback,
    shopId,
    key,
    newKey,
    set: (changed) => saveSettings(tieback.pipeline, shopId, { ...DEFAULT_SETTINGS, ...changed }),
    events: () => tieback.pipeline.db.conversionEvent.findMany({ orderBy: { createdAt: 'asc' } }),
    report(fields = {}, options = {}) {
      requests += 1;
      const { idempotencyKey = `request-${requests}` } = options;
      const body = options.raw ?? JSON.stringify({ ...saleOf(tieback), ...fields });
      return call('post', '/api/v1/events', '/api/v1/events', {
        headers: {
          'Content-Type': 'application/json',
          ...authorized(options),
          ...(idempotencyKey !== null && { 'Idempotency-Key': idempotencyKey }),
          ...options.headers,
        },
        body: new Uint8Array(Buffer.from(body)),
      });
    },
    ask: (id, options = {}) =>
      call('get', `/api/v1/events/${id}`, '/api/v1/events/{id}', {
        headers: { ...authorized(options), ...options.headers },
      }),
  };
}

/** A sale two minutes ago to Maria, whose ad click was 18 minutes ago. */
export function saleOf({ now }: Pick<Tieback, 'now'>): Json {
  return {
    event_name: 'Purchase',
    conversation: { phone: MARIA.order },
    occurred_at: new Date(now.at.getTime() - 120_000).toISOString(),
    value: { amount: '129.90', currency: 'BRL' },
  };
}

async function readDocument(tieback: Tieback): Promise<Json> {
  return (await (await fetch(`${tieback.url}/api/v1/openapi.json`)).json()) as Json;
}

/** Fails unless the document gives this operation an answer of this status that the body is an example of. */
function expectDocumented(
  document: Json,
  { method, path, status, body }: { method: string; path: string; status: number; body: Json },
): void {
  const read = (value: unknown, ...keys: string[]): unknown =>
    keys.reduce<unknown>((part, key) => (part as Json | undefined)?.[key], value);
  const schema = read(
    document,
    'paths',
    path,
    method,
    'responses',
    String(status),
    'content',
    'application/json',
    'schema',
  );
  expect(schema, `${method} ${path} may answer ${status}: ${JSON.stringify(body)}`).toBeDefined();
  const whole = resolved(schema, document) as Parameters<typeof z.fromJSONSchema>[0];
  const checked = z.fromJSONSchema(whole).safeParse(body);
  expect(checked.error?.message ?? 'as documented').toBe('as documented');
}

function resolved(schema: unknown, document: Json): unknown {
  if (Array.isArray(schema)) return schema.map((part) => resolved(part, document));
  if (typeof schema !== 'object' || schema === null) return schema;
  const { $ref } = schema as { $ref?: string };
  if ($ref !== undefined) {
    const found = $ref
      .slice(2)
      .split('/')
      .reduce<unknown>((part, key) => (part as Json)[key], document);
    return resolved(found, document);
  }
  return Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, resolved(part, document)]));
}
