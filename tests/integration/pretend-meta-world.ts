import { onTestFinished } from 'vitest';
import { startPretendMeta } from '../sandbox/pretend-meta.ts';
import type { Business, PretendMeta } from '../sandbox/pretend-meta.ts';

export type Json = Record<string, unknown>;
export type Answer = { status: number; headers: Headers; body: { error?: Json } & Json };

export const NOW = new Date('2026-11-20T10:00:00Z');
export const SECONDS = NOW.getTime() / 1000;
export const DAY = 86_400;
export const CLICK = 'ARAkLkA8rmlFeiCktEJQ-QTwRiyYHAFDLMNDBH0CD3qpjd0HR4irJ6LEkR7JwFF4XvnO2E4Nx0';
export const HASH = 'e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176';
export const PHONE = {
  id: '106540352242922',
  displayNumber: '+55 11 91234-5678',
  verifiedName: 'Loja Exemplo',
};
export const BUSINESS = {
  wabaId: '102290129340398',
  phoneNumbers: [PHONE],
  token: 'EAAtoken',
  datasetId: '774400112233445',
} satisfies Business;
export const EVENTS = `/v26.0/${BUSINESS.datasetId}/events`;
export const PIXEL = { datasetId: '880011223344556', token: 'EAApixel' };

/** The pretend Meta with one business, one pixel and one click, until the test ends. */
export async function startMeta(
  business: Partial<Business> = {},
  now: () => Date = () => NOW,
): Promise<PretendMeta> {
  const meta = await startPretendMeta({ now });
  onTestFinished(meta.close);
  meta.addBusiness({ ...BUSINESS, ...business });
  meta.addPixel(PIXEL);
  meta.addClick({ ctwaClid: CLICK, wabaId: BUSINESS.wabaId });
  return meta;
}

/** Parts of an event that replace those of the sample; null takes a key out. */
export type Change = { event?: Json; user?: Json; sale?: Json };

/** Meta's documented WhatsApp sample, with the placeholders filled in. */
export function purchase(change: Change = {}): Json {
  const user = { whatsapp_business_account_id: BUSINESS.wabaId, ctwa_clid: CLICK };
  return without({
    event_name: 'Purchase',
    event_time: SECONDS - 60,
    action_source: 'business_messaging',
    messaging_channel: 'whatsapp',
    user_data: without({ ...user, ...change.user }),
    custom_data: without({ currency: 'USD', value: 123, ...change.sale }),
    ...change.event,
  });
}

/** A purchase on a website, as Meta's page on server events has it. */
export function websitePurchase(change: Change = {}): Json {
  const user = { client_user_agent: 'Mozilla/5.0', client_ip_address: '203.0.113.24', em: [HASH] };
  return without({
    event_name: 'Purchase',
    event_time: SECONDS - 60,
    event_id: 'shopify:order:1:Purchase',
    action_source: 'website',
    event_source_url: 'https://loja-exemplo.com.br/checkout',
    user_data: without({ ...user, ...change.user }),
    custom_data: without({ currency: 'BRL', value: 129.9, ...change.sale }),
    ...change.event,
  });
}

function without(record: Json): Json {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null));
}

export async function call(
  meta: PretendMeta,
  path: string,
  options: { method?: string; token?: string | null; body?: unknown } = {},
): Promise<Answer> {
  const { method = 'GET', token = BUSINESS.token, body } = options;
  const raw = typeof body === 'string' || body instanceof FormData || body instanceof URLSearchParams;
  const response = await fetch(meta.url + path, {
    method,
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Answer['body'],
  };
}

export function send(meta: PretendMeta, ...events: Json[]): Promise<Answer> {
  return call(meta, EVENTS, { method: 'POST', body: { data: events, partner_agent: 'tieback' } });
}

/** Sends to the pixel's dataset. */
export function sendToPixel(meta: PretendMeta, ...events: Json[]): Promise<Answer> {
  const path = `/v26.0/${PIXEL.datasetId}/events`;
  return call(meta, path, { method: 'POST', token: PIXEL.token, body: { data: events } });
}

/** HTTP status, code and subcode of a refusal. */
export function codes({ status, body }: Answer): unknown[] {
  return [status, body.error?.['code'], body.error?.['error_subcode']];
}
