import sdk from 'facebook-nodejs-business-sdk';
import { addressEvent, draftEvent } from '../../app/domain/conversion-event.ts';
import { readOrder, type Order } from '../../app/domain/order.ts';
import type { PhoneDigits } from '../../app/domain/phone.ts';
import { DEFAULT_SETTINGS } from '../../app/domain/settings.ts';
import { shopifyOrder } from '../builders/shopify.ts';

const CLICK_ID =
  'ARAkLkA8rmlFeiCktEJQ-QTwRiyYHAFDLMNDBH0CD3qpjd0HR4irJ6LEkR7JwFF4XvnO2E4Nx0-eM-GABDLOPaOdRMv-_zfUQ2a';
const PHONES = ['5511987654321', '551187654321'] as PhoneDigits[];
const EVENT_TIME = new Date('2026-11-18T13:22:34Z');

/** Building and hashing one event to its JSON, ours against Meta's own Node SDK with the same values. */
export function payload() {
  const order = sampleOrder();
  const ours = rate(() => buildOurs(order));
  const theirs = rate(() => buildTheirs(order));
  const again = rate(() => buildOurs(order));
  return {
    tiebackPerSecond: Math.round((ours + again) / 2),
    metaSdkPerSecond: Math.round(theirs),
    ratio: Math.round(((ours + again) / 2 / theirs) * 100) / 100,
    samePayload: sameHashes(buildOurs(order), buildTheirs(order)),
    unfair:
      'The SDK cannot name the WhatsApp account (whatsapp_business_account_id), so it writes one field less.',
  };
}

function sampleOrder(): Order {
  const read = readOrder(JSON.stringify(shopifyOrder()));
  if (read.kind !== 'order') throw new Error('the sample order cannot be read');
  return read.order;
}

function buildOurs(order: Order): string {
  const eventId = `shopify:order:${order.legacyId}:Purchase`;
  const draft = draftEvent({ order, paidTotal: order.total, phones: PHONES, settings: DEFAULT_SETTINGS });
  const event = addressEvent(draft, {
    decision: {
      kind: 'report',
      eventName: 'Purchase',
      channel: 'business_messaging',
      eventId,
      eventTime: EVENT_TIME,
      deadline: EVENT_TIME,
    },
    wabaId: '102290129340398',
    clickId: CLICK_ID,
  });
  return JSON.stringify(event);
}

function buildTheirs(order: Order): string {
  const user = new sdk.UserData()
    .setEmail(order.email ?? '')
    .setPhones([...PHONES])
    .setCtwaClid(CLICK_ID);
  const contents = order.items.map((item) =>
    new sdk.Content().setId(item.id).setQuantity(item.quantity).setItemPrice(Number(item.price)),
  );
  const custom = new sdk.CustomData()
    .setCurrency(order.total.currency)
    .setValue(Number(order.total.amount))
    .setOrderId(order.legacyId)
    .setContentType('product')
    .setContentIds(order.items.map((item) => item.id))
    .setContents(contents);
  const event = new sdk.ServerEvent()
    .setEventName('Purchase')
    .setEventTime(Math.floor(EVENT_TIME.getTime() / 1000))
    .setEventId(`shopify:order:${order.legacyId}:Purchase`)
    .setActionSource('business_messaging')
    .setMessagingChannel('whatsapp')
    .setUserData(user)
    .setCustomData(custom);
  return JSON.stringify(event.normalize());
}

function sameHashes(ours: string, theirs: string): boolean {
  const hashes = (text: string) =>
    [...text.matchAll(/[0-9a-f]{64}/g)]
      .map(([hash]) => hash)
      .toSorted()
      .join();
  return hashes(ours) === hashes(theirs) && hashes(ours) !== '';
}

/** Calls per second, after a warm-up. */
function rate(work: () => unknown): number {
  for (let warm = 0; warm < 2_000; warm += 1) work();
  const start = performance.now();
  let calls = 0;
  while (performance.now() - start < 2_000) {
    for (let index = 0; index < 100; index += 1) work();
    calls += 100;
  }
  return (calls / (performance.now() - start)) * 1000;
}
