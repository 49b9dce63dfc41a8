import { isRecord } from './json-value.ts';

export type Refusal = { subcode: number | null; message: string };
export type DatasetRules = {
  wabaId: string;
  nowSeconds: number;
  ownsClick: (ctwaClid: string) => boolean;
};

/** Meta's own cap (developers.facebook.com/docs/marketing-api/conversions-api/using-the-api). */
const MAX_EVENTS = 1000;
const MAX_AGE_SECONDS = 7 * 24 * 60 * 60;

// developers.facebook.com/docs/marketing-api/conversions-api/business-messaging
const EVENT_NAMES: ReadonlySet<unknown> = new Set([
  'Purchase',
  'LeadSubmitted',
  'InitiateCheckout',
  'AddToCart',
  'ViewContent',
  'OrderCreated',
  'OrderShipped',
  'OrderDelivered',
  'OrderCanceled',
  'OrderReturned',
  'CartAbandoned',
  'QualifiedLead',
  'RatingProvided',
  'ReviewProvided',
]);
const FORBIDDEN_KEYS = ['client_ip_address', 'client_user_agent', 'fbc', 'fbp'];
const HASHED_KEYS = ['em', 'ph', 'fn', 'ln', 'db', 'ge', 'ct', 'st', 'zp', 'country'];
// Meta's parameter builder appends ".<8 characters>" to a hash, and Meta takes both forms.
const HASH = /^[0-9a-f]{64}(\.[\w-]{8})?$/;
const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** What Meta finds wrong with the body of POST /{dataset}/events; one wrong event refuses all of them. */
export function judgeData(
  body: unknown,
  rules: DatasetRules,
): Refusal | { events: Record<string, unknown>[] } {
  const data = isRecord(body) ? body['data'] : undefined;
  if (data === undefined) return plain('The parameter data is required');
  if (!Array.isArray(data)) return plain('param data must be an array.');
  if (data.length === 0) return plain('param data must be non-empty.');
  if (data.length > MAX_EVENTS) return plain(`param data must have at most ${MAX_EVENTS} element(s).`);
  const events: Record<string, unknown>[] = [];
  for (const [index, event] of data.entries()) {
    if (!isRecord(event)) return plain(`param data[${index}] must be an object.`);
    const refusal = judgeHeader(event, rules) ?? judgePerson(event['user_data'], rules) ?? judgeSale(event);
    if (refusal) return refusal;
    events.push(event);
  }
  return { events };
}

function judgeHeader(event: Record<string, unknown>, rules: DatasetRules): Refusal | null {
  const { event_name: name, event_time: time, messaging_channel: channel } = event;
  if (typeof name !== 'string' || name === '') return plain('param event_name is required.');
  if (!EVENT_NAMES.has(name)) return coded(2804066);
  if (typeof time !== 'number' || !Number.isInteger(time))
    return plain('param event_time must be an integer.');
  if (time < rules.nowSeconds - MAX_AGE_SECONDS) return coded(2804003);
  if (time > rules.nowSeconds) return coded(2804004);
  if (event['action_source'] !== 'business_messaging') {
    return plain(
      'param action_source must be business_messaging for the dataset of a WhatsApp Business Account.',
    );
  }
  if (channel === undefined || channel === null || channel === '') return coded(2804063);
  if (channel !== 'whatsapp') return plain('param messaging_channel must be whatsapp.');
  return null;
}

function judgePerson(user: unknown, rules: DatasetRules): Refusal | null {
  if (!isRecord(user)) return plain('param user_data must be an object.');
  if (FORBIDDEN_KEYS.some((key) => key in user)) return coded(2804064);
  const { whatsapp_business_account_id: wabaId, page_id: pageId, ctwa_clid: clickId } = user;
  if (!present(wabaId) && !present(pageId)) return coded(2804116);
  if (present(pageId)) return coded(2804131);
  if (String(wabaId) !== rules.wabaId) return coded(2804132);
  if (!present(clickId)) return coded(2804071);
  if (typeof clickId !== 'string' || !rules.ownsClick(clickId)) return coded(2804087);
  for (const key of HASHED_KEYS) {
    if (key in user && !isHashed(user[key]))
      return plain(`param user_data.${key} must be hashed with SHA-256.`);
  }
  return null;
}

function judgeSale(event: Record<string, unknown>): Refusal | null {
  const sale = event['custom_data'];
  if (sale === undefined) return event['event_name'] === 'Purchase' ? coded(2804009) : null;
  if (!isRecord(sale)) return plain('param custom_data must be an object.');
  const { value, currency, order_id: orderId, contents } = sale;
  if (!present(value) && event['event_name'] === 'Purchase') return coded(2804009);
  if (present(value) && typeof value !== 'number') return plain('param custom_data.value must be a number.');
  if (present(value) && !present(currency)) return coded(2804023);
  if (present(currency) && !(typeof currency === 'string' && CURRENCIES.has(currency.toUpperCase()))) {
    return plain('param custom_data.currency must be an ISO 4217 currency code.');
  }
  if (present(orderId) && typeof orderId !== 'string')
    return plain('param custom_data.order_id must be a string.');
  if (contents === undefined) return null;
  if (!Array.isArray(contents)) return plain('param custom_data.contents must be an array.');
  return contents.every((item: unknown) => isRecord(item) && present(item['id'])) ? null : coded(2804008);
}

function isHashed(value: unknown): boolean {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.every((one) => typeof one === 'string' && HASH.test(one));
}

function present(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

function coded(subcode: number): Refusal {
  return { subcode, message: 'Invalid parameter' };
}

function plain(message: string): Refusal {
  return { subcode: null, message: `(#100) ${message}` };
}
