import sdk from 'facebook-nodejs-business-sdk';
import { addressEvent } from '../../app/domain/conversion-event.ts';
import { draftEvent } from '../../app/domain/draft-event.ts';
import type { Order } from '../../app/domain/order.ts';
import type { PhoneDigits } from '../../app/domain/phone.ts';
import { sampleOrder } from '../../app/domain/sample-order.ts';
import { DEFAULT_SETTINGS } from '../../app/domain/settings.ts';

const CLICK_ID =
  'ARAkLkA8rmlFeiCktEJQ-QTwRiyYHAFDLMNDBH0CD3qpjd0HR4irJ6LEkR7JwFF4XvnO2E4Nx0-eM-GABDLOPaOdRMv-_zfUQ2a';
const PHONES = ['12025550143', '12025550187'] as PhoneDigits[];
const EVENT_TIME = new Date('2026-11-18T13:22:34Z');

/** Building and hashing one event to its JSON, ours against Meta's own Node SDK with the same values. */
export function payload() {
  // Without the customer's id: the SDK lower-cases it before hashing, and then it is another one's.
  const order = { ...sampleOrder(), customerGid: null };
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

function buildOurs(order: Order): string {
  const eventId = `shopify:order:${order.legacyId}:Purchase`;
  const draft = draftEvent({ order, paid: order.amounts, phones: PHONES, settings: DEFAULT_SETTINGS });
  const event = addressEvent(draft, {
    report: {
      kind: 'report',
      eventName: 'Purchase',
      channel: 'business_messaging',
      eventId,
      eventTime: EVENT_TIME,
      deadline: EVENT_TIME,
    },
    wabaId: '102290129340398',
    clickId: CLICK_ID,
    limits: { optOut: false, limitedTo: null },
  });
  return JSON.stringify(event);
}

function buildTheirs(order: Order): string {
  const { person, items } = order;
  const ids = items.map((item) => item.variantId ?? '');
  const user = new sdk.UserData()
    .setEmail(order.email ?? '')
    .setPhones([...PHONES])
    .setFirstName(person.firstName ?? '')
    .setLastName(person.lastName ?? '')
    .setCity(person.city ?? '')
    .setState(person.state ?? '')
    .setZip(person.postcode ?? '')
    .setCountry(person.country ?? '')
    .setCtwaClid(CLICK_ID);
  const contents = items.map((item, n) =>
    new sdk.Content()
      .setId(ids[n] ?? '')
      .setQuantity(item.quantity)
      .setItemPrice(Number(item.price)),
  );
  const custom = new sdk.CustomData()
    .setCurrency(order.total.currency)
    .setValue(Number(order.total.amount))
    .setOrderId(order.legacyId)
    .setContentType('product')
    .setContentIds(ids)
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
