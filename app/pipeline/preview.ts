import type { Channel, OrderClass } from '../domain/channel.ts';
import { channelFor, type Settings } from '../domain/settings.ts';
import { addressEvent, asSwitched } from '../domain/conversion-event.ts';
import type { ConversionEventPayload, DraftEvent, Region } from '../domain/conversion-event.ts';
import { dataLimits } from '../domain/data-use.ts';
import { draftEvent } from '../domain/draft-event.ts';
import { checkEvent } from '../domain/event-check.ts';
import type { DecidingEvent } from '../domain/event-name.ts';
import type { ConnectionId, EventRowId, OrderGid, ShopId } from '../domain/ids.ts';
import { parseJson } from '../domain/json.ts';
import { maskedPayload } from '../domain/masked-payload.ts';
import { sampleOrder } from '../domain/sample-order.ts';
import type { PhoneDigits } from '../domain/phone.ts';
import type { Provenance } from '../domain/provenance.ts';
import type { WithheldReason } from '../domain/reason.ts';
import { datesOf, decideReport, eventIdOf, type Report } from '../domain/report.ts';
import { eventsBody } from '../platforms/meta/events.ts';
import { Prisma } from '../storage/database.ts';
import { VaultError, type Vault } from '../storage/vault.ts';
import type { Pipeline } from './context.ts';
import { draftOfEvent, openDraft } from './draft.ts';
import { loadNumbers, type ShopNumbers } from './evidence.ts';
import { PARKED } from './ledger.ts';
import { eventPayload, referralField } from './sealed.ts';
import type { ShopFacts } from './shop.ts';

/** What Meta would be told of an order, with everything that tells of a person masked. */
export type Preview = {
  basis: { kind: 'order'; gid: OrderGid; name: string } | { kind: 'sample'; made: OrderClass };
  eventName: DecidingEvent;
  channel: Channel;
  /** Why Meta is not told; null when it is. */
  withheld: WithheldReason | null;
  /** Null when the event lacks what its channel must have. */
  payload: object | null;
  /** The whole request that would carry it; null likewise. */
  body: object | null;
  /** What Meta would refuse it for. */
  problems: { field: string; problem: string }[];
  /** Value, products and customer stand as the order was read: settings that make them no longer change it. */
  asKept: boolean;
};
type Asked = {
  /** May differ from those that are stored. */
  settings: Settings;
  /** This order; else the latest that an ad led to. */
  gid?: OrderGid;
  /** An example of this kind instead of an order of the shop. */
  made?: OrderClass;
};
type Decided = Parameters<typeof decideReport>[0];
type Subject = Pick<Preview, 'basis' | 'eventName' | 'asKept'> &
  Omit<Decided, 'now' | 'settings' | 'click' | 'words'> & {
    draft: DraftEvent;
    region: Region;
    wabaId: string;
    clickId: string | null;
    /** What it was told as, and by what id, if it is in the ledger. */
    told: { channel: string; eventId: string } | null;
  };

// Meta's own example of a click; it is nobody's.
// https://developers.facebook.com/docs/marketing-api/conversions-api/business-messaging
const SAMPLE_CLICK_ID =
  'ARAkLkA8rmlFeiCktEJQ-QTwRiyYHAFDLMNDBH0CD3qpjd0HR4irJ6LEkR7JwFF4XvnO2E4Nx0-eM-GABDLOPaOdRMv-_zfUQ2a';
const SAMPLE_WABA_ID = '102290129340398';
const LOOK_BACK_MS = 90 * 24 * 60 * 60 * 1000;

/**
 * What Meta would be told under these settings: of one order, of the latest that an ad led to, or of an example while
 * there is none. Opened in memory alone. Null when nothing is kept of the order that was asked for.
 */
export async function previewEvent(
  pipeline: Pipeline,
  shop: ShopFacts,
  { settings, gid, made }: Asked,
): Promise<Preview | null> {
  const numbers = (await loadNumbers(pipeline.db, [shop.id])).get(shop.id) ?? null;
  const stored = made === undefined ? await storedSubject(pipeline, shop, numbers, gid) : null;
  if (stored === null && gid !== undefined) return null;
  const subject =
    stored ?? (await sampleSubject(pipeline, shop, { settings, numbers, made: made ?? 'online_store' }));
  return judged(subject, { before: shop.settings, settings, partnerAgent: pipeline.metaApp.partnerAgent });
}

/** What an event in the ledger says, masked; null when it was emptied or its key is missing. */
export function maskedEvent(
  vault: Vault,
  shopId: ShopId,
  { id, payload }: { id: EventRowId; payload: string },
): object | null {
  if (payload === '') return null;
  try {
    const read = parseJson(vault.open(payload, eventPayload(shopId, id)));
    return read.kind === 'value' ? maskedPayload(read.value as ConversionEventPayload) : null;
  } catch (error) {
    if (error instanceof VaultError) return null;
    throw error;
  }
}

function judged(
  subject: Subject,
  { before, settings, partnerAgent }: { before: Settings; settings: Settings; partnerAgent: string },
): Preview {
  const { basis, eventName, asKept, at, clickId, wabaId, consent } = subject;
  const draft = asSwitched(subject.draft, settings);
  const region = subject.region.country === null ? (draft.region ?? subject.region) : subject.region;
  // As it was decided when it happened: how old it is by now says nothing of the settings.
  const decision = decideReport({
    ...subject,
    words: draft,
    now: at,
    settings,
    click: { hasClickId: clickId !== null },
  });
  const report = decision.kind === 'report' ? decision : asIfTold(subject, settings);
  const same = subject.told?.channel === report.channel && before.websiteEventId === settings.websiteEventId;
  const payload = addressEvent(draft, {
    report: same && subject.told !== null ? { ...report, eventId: subject.told.eventId } : report,
    wabaId,
    clickId,
    limits: dataLimits(settings, region, consent.saleOptOut === true),
  });
  const masked = payload && maskedPayload(payload);
  return {
    basis,
    eventName,
    asKept,
    channel: report.channel,
    withheld: decision.kind === 'withheld' ? decision.reason : decision.parked ? PARKED : null,
    payload: masked,
    body: masked && eventsBody([masked], partnerAgent),
    problems: payload === null ? [] : checkEvent(payload, at),
  };
}

/** The report of what is withheld, as what the shop would tell it. */
function asIfTold({ order, eventName, at }: Subject, settings: Settings): Report {
  const { provenance } = order;
  const choice = provenance === 'test' || provenance === 'free' ? 'none' : channelFor(settings, provenance);
  const channel = choice === 'none' ? 'business_messaging' : choice;
  const dated = datesOf({ at, now: at, channel }) ?? { eventTime: at, deadline: at };
  const eventId = eventIdOf({ channel, order, eventName, settings });
  return { kind: 'report', eventName, channel, eventId, ...dated };
}

type Row = {
  gid: OrderGid;
  name: string;
  provenance: Provenance;
  test: boolean;
  total: string;
  currency: string;
  placedAt: Date;
  paidAt: Date | null;
  cancelledAt: Date | null;
  consent: 'granted' | 'denied' | null;
  country: string | null;
  state: string | null;
  draft: string | null;
  connectionId: ConnectionId;
  messageKey: string;
  clickId: string | null;
  eventRowId: EventRowId | null;
  payload: string | null;
  channel: string | null;
  eventId: string | null;
  saleOptOut: boolean | null;
  detected: boolean;
};

async function storedSubject(
  pipeline: Pipeline,
  shop: ShopFacts,
  numbers: ShopNumbers | null,
  gid: OrderGid | undefined,
): Promise<Subject | null> {
  const row = await readRow(pipeline, shop, gid);
  const number = numbers?.connections.find(({ id }) => id === row?.connectionId);
  if (row === null || number === undefined) return null;
  const eventName = row.paidAt === null ? 'OrderCreated' : 'Purchase';
  const words = openDraft(pipeline.vault, { shopId: shop.id, gid: row.gid }, row.draft);
  const draft = words[eventName] ?? toldBefore(pipeline.vault, shop, row);
  if (draft === null) return null;
  return {
    basis: { kind: 'order', gid: row.gid, name: row.name },
    asKept: true,
    eventName,
    at: row.paidAt ?? row.placedAt,
    order: {
      legacyId: row.gid.slice(row.gid.lastIndexOf('/') + 1),
      test: row.test,
      total: { amount: row.total, currency: row.currency },
      cancelledAt: row.cancelledAt,
      provenance: row.provenance,
      checkoutToken: words.checkoutToken ?? null,
    },
    to: { number, pixel: numbers?.pixel ?? null },
    consent: { said: row.consent, saleOptOut: row.saleOptOut },
    detected: row.detected,
    draft,
    region: { country: row.country, state: row.state },
    wabaId: number.wabaId,
    clickId: row.clickId === null ? null : openClickId(pipeline.vault, shop, row.messageKey, row.clickId),
    told:
      row.channel === null || row.eventId === null ? null : { channel: row.channel, eventId: row.eventId },
  };
}

async function readRow(
  { db, clock }: Pipeline,
  shop: ShopFacts,
  gid: OrderGid | undefined,
): Promise<Row | null> {
  const since = new Date(clock().getTime() - LOOK_BACK_MS);
  const [row] = await db.$queryRaw<Row[]>(Prisma.sql`
    SELECT o.gid, o.name, o.provenance::text AS provenance, o.test, COALESCE(o.paid_total, o.total)::text AS total,
      o.currency, o.placed_at AS "placedAt", o.paid_at AS "paidAt", o.cancelled_at AS "cancelledAt",
      o.consent::text AS consent, o.country, o.state, o.draft, r.connection_id AS "connectionId", r.message_key AS "messageKey",
      r.click_id AS "clickId", e.id AS "eventRowId", e.payload, e.channel, e.event_id AS "eventId",
      c.sale_opt_out AS "saleOptOut",
      EXISTS (SELECT 1 FROM referrals p
        JOIN automatic_events a ON a.shop_id = p.shop_id AND a.click_hash = p.click_hash
        WHERE p.shop_id = o.shop_id AND p.contact_id = o.contact_id AND a.order_gid = o.gid
          AND a.event_name = 'Purchase') AS detected
    FROM orders o
    JOIN referrals r ON r.shop_id = o.shop_id AND r.id = o.referral_id
    LEFT JOIN conversion_events e ON e.shop_id = o.shop_id AND e.subject = o.gid
      AND e.event_name = CASE WHEN o.paid_at IS NULL THEN 'OrderCreated' ELSE 'Purchase' END
    LEFT JOIN customer_consents c ON c.shop_id = o.shop_id AND c.customer_gid = o.customer_gid
    WHERE o.shop_id = ${shop.id} AND (o.draft IS NOT NULL OR e.payload <> '')
      AND ${gid === undefined ? Prisma.sql`o.placed_at >= ${since}` : Prisma.sql`o.gid = ${gid}`}
    ORDER BY o.placed_at DESC, o.gid DESC LIMIT 1`);
  return row ?? null;
}

function toldBefore(vault: Vault, shop: ShopFacts, { eventRowId, payload }: Row): DraftEvent | null {
  if (eventRowId === null || payload === null) return null;
  return draftOfEvent(vault, shop.id, { id: eventRowId, sealed: payload });
}

function openClickId(vault: Vault, shop: ShopFacts, messageKey: string, sealed: string): string | null {
  try {
    return vault.open(sealed, referralField(shop.id, messageKey, 'click_id'));
  } catch (error) {
    if (error instanceof VaultError) return null;
    throw error;
  }
}

/** An order that nobody placed, paid now, as one of a kind. */
async function sampleSubject(
  { db, clock }: Pipeline,
  shop: ShopFacts,
  { settings, numbers, made }: { settings: Settings; numbers: ShopNumbers | null; made: OrderClass },
): Promise<Subject> {
  const row = await db.shop.findUnique({ where: { id: shop.id }, select: { currency: true } });
  const order = sampleOrder(row?.currency ?? undefined);
  const atCheckout = made === 'chat_link' || made === 'online_store';
  const browser = atCheckout ? order.browser : null;
  const phones = order.phones.map(({ raw }) => raw.replace(/\D/g, '') as PhoneDigits);
  const soldIn = made === 'point_of_sale' ? shop.country : null;
  const draft = draftEvent({ order: { ...order, browser }, paid: order.amounts, settings, phones, soldIn });
  const number = numbers?.connections.find(({ state }) => state === 'active') ?? numbers?.connections[0];
  return {
    basis: { kind: 'sample', made },
    asKept: false,
    eventName: 'Purchase',
    at: clock(),
    order: {
      legacyId: order.legacyId,
      test: false,
      total: order.total,
      cancelledAt: null,
      provenance: made,
      checkoutToken: atCheckout ? order.checkoutToken : null,
    },
    to: { number: number ?? { state: 'active', parkedEvents: [] }, pixel: numbers?.pixel ?? null },
    consent: { said: null, saleOptOut: null },
    detected: false,
    draft,
    region: order.region,
    wabaId: number?.wabaId ?? SAMPLE_WABA_ID,
    clickId: SAMPLE_CLICK_ID,
    told: null,
  };
}
