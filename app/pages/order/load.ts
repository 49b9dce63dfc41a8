import { explain, explainState } from '../../domain/explain.ts';
import { explainProvenance } from '../../domain/explain-evidence.ts';
import type { ConnectionId, OrderGid, ReferralId } from '../../domain/ids.ts';
import type { OrderState, Reason } from '../../domain/reason.ts';
import { isAdClick } from '../../domain/referral.ts';
import { readSettings } from '../../domain/settings.ts';
import type { Shop } from '../../../prisma/generated/client.ts';
import type { Services } from '../../services.ts';
import { channelName } from '../channel.ts';
import { formatMoney, shopClock } from '../format.ts';
import type { ShopClock } from '../format.ts';
import { readState } from '../order-query.ts';
import { sectionOfReason } from '../settings/fix-place.ts';
import { settingsUrl } from '../settings/places.ts';
import type { StateBadge } from '../tone.ts';
import { creditPicture, ruleInWords } from './credit.ts';
import type { CreditPicture, NamedClick } from './credit.ts';
import { evidenceLines } from './evidence.ts';
import type { EvidenceLine } from './evidence.ts';
import { eventStory, readEvents, stateOf, toldEvent } from './events.ts';
import type { EventRow, ToldEvent } from './events.ts';
import { readAutomatic, readBuyersWord } from './privacy.ts';
import type { AutomaticLine, BuyersWord } from './privacy.ts';
import { readStaffLink, staffSentence } from './staff-link.ts';
import { timeline } from './timeline.ts';
import type { TimelineStep } from './timeline.ts';
import { readUntold } from './untold.ts';
import type { Untold } from './untold.ts';

export type AdClick = {
  adId: string | null;
  headline: string | null;
  clickedAt: string;
  hasClickId: boolean;
  rule: string | null;
};
export type LinkedChat = { contactId: string; name: string; url: string };
/** A reason to believe that an order belongs to this chat. */
export type ChatEvidence = Omit<EvidenceLine, 'contactId'> & { chat: LinkedChat };
export type OrderLink = {
  evidence: ChatEvidence[];
  chat: LinkedChat | null;
  staff: { sentence: string } | null;
  /** Whether something that counts points to another chat than the one that was chosen. */
  disagreement: boolean;
};
export type OrderDetail = {
  name: string;
  total: string;
  placed: string;
  zoneName: string;
  badge: StateBadge;
  /** `settings`: the part of the settings that decides it. */
  why: { sentence: string; fix: string | null; settings: string | null };
  steps: TimelineStep[];
  link: OrderLink;
  made: { label: string; sentence: string; channel: string | null };
  money: { label: string; value: string }[];
  credit: CreditPicture | null;
  click: AdClick | null;
  told: ToldEvent[];
  untold: Untold | null;
  automatic: AutomaticLine[];
  privacy: BuyersWord;
};
type OrderRow = NonNullable<Awaited<ReturnType<typeof readOrder>>>;
type ClickRow = Awaited<ReturnType<typeof readClicks>>[number];

/** Shopify's id of the order of this number; null for what is no number. */
export function orderGid(legacyId: string): OrderGid | null {
  return /^\d{1,20}$/.test(legacyId) ? (`gid://shopify/Order/${legacyId}` as OrderGid) : null;
}

/** One order with the whole story of its state; null when the shop has no order of this numeric id. */
export async function loadOrder(
  services: Services,
  shop: Shop,
  legacyId: string,
): Promise<OrderDetail | null> {
  const gid = orderGid(legacyId);
  if (gid === null) return null;
  const [order, events] = await Promise.all([
    readOrder(services, shop.id, gid),
    readEvents(services, shop.id, gid),
  ]);
  if (order === null) return null;
  const evidence = evidenceLines(order.evidence);
  const clock = shopClock(shop.timezone);
  const [clicks, names, untold, automatic, privacy] = await Promise.all([
    order.contactId === null ? [] : readClicks(services, shop.id, order.contactId),
    readNames(services, shop.id, [order.contactId ?? [], evidence.map((line) => line.contactId)].flat()),
    readUntold(services, shop, order, events),
    readAutomatic(services, shop.id, order, clock),
    readBuyersWord(services, shop.id, order, clock),
  ]);
  const click = clicks.find(({ id }) => id === order.referralId) ?? null;

  const purchase = events.find(({ eventName }) => eventName === 'Purchase') ?? null;
  const { state, reason } = orderStateOf(order, purchase);
  const { label, tone } = explainState(state);
  const staff = readStaffLink(order.staffLink);
  const created = events.find(({ eventName }) => eventName === 'OrderCreated') ?? null;
  return {
    name: order.name,
    total: formatMoney(order.total.toString(), order.currency),
    placed: clock.time(order.placedAt),
    zoneName: clock.zoneName,
    badge: { state, label, tone },
    why: whyThisState(state, reason, order),
    steps: timeline(
      {
        state,
        click: click && { at: click.clickedAt, ad: click.headline ?? click.sourceId },
        firstMessageAt: order.contact?.firstMessageAt ?? null,
        placedAt: order.placedAt,
        paidAt: order.paidAt,
        cancelledAt: order.cancelledAt,
        shippedAt: order.shippedAt,
        deliveredAt: order.deliveredAt,
        returnedAt: order.returnedAt,
        staff: staff && { at: new Date(staff.at), linked: staff.contactId !== null, by: staff.by },
        created: created && { state: stateOf(created).state, ...eventStory(created, services.clock()) },
        event: purchase && eventStory(purchase, services.clock()),
      },
      clock,
    ),
    link: orderLink({
      contactId: order.contactId,
      evidence,
      names,
      staff: staff && { sentence: staffSentence(staff, clock) },
    }),
    made: { ...explainProvenance(order.provenance), channel: channelName(order.sourceName) },
    money: moneyFacts(order),
    credit: credit(order, clicks, shop, clock),
    click: click && adClick(click, order, clock),
    told: events.map((event) => toldEvent(services, event, clock)),
    untold,
    automatic,
    privacy,
  };
}

function readOrder({ db }: Services, shopId: number, gid: string) {
  return db.order.findUnique({
    where: { shopId_gid: { shopId, gid } },
    omit: { draft: true },
    include: { contact: { select: { firstMessageAt: true } } },
  });
}

/** How people know these contacts: by the end of their number, if WhatsApp shows it. */
async function readNames(
  { db }: Services,
  shopId: number,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string | null>> {
  const contacts = await db.contact.findMany({
    where: { shopId, id: { in: [...new Set(ids)] } },
    select: { id: true, maskedPhone: true },
  });
  return new Map(contacts.map(({ id, maskedPhone }) => [id, maskedPhone]));
}

/** The contact's latest clicks, as many as attribution looks at. */
function readClicks({ db }: Services, shopId: number, contactId: string) {
  return db.referral.findMany({
    where: { shopId, contactId },
    omit: { raw: true },
    orderBy: { clickedAt: 'desc' },
    take: 500,
  });
}

function orderStateOf(order: OrderRow, purchase: EventRow | null) {
  return readState({
    decision: order.decision,
    reason: order.reason,
    eventState: purchase?.state ?? null,
    attempts: purchase?.attempts ?? null,
    eventReason: purchase?.reason ?? null,
  });
}

function whyThisState(
  state: OrderState,
  reason: Reason | null,
  { cancelledAt }: Pick<OrderRow, 'cancelledAt'>,
): OrderDetail['why'] {
  if (reason !== null) {
    const [{ sentence, fix }, section] = [explain(reason), sectionOfReason(reason)];
    return { sentence, fix, settings: section && settingsUrl(section) };
  }
  const { sentence } = explainState(state);
  const unpaid =
    'Tieback looks for the ad click as soon as Shopify says that it is paid; with cash on delivery, when you mark it as paid.';
  return { sentence, fix: state === 'unpaid' && cancelledAt === null ? unpaid : null, settings: null };
}

function orderLink({
  contactId,
  evidence,
  names,
  staff,
}: {
  contactId: string | null;
  evidence: readonly EvidenceLine[];
  names: ReadonlyMap<string, string | null>;
  staff: OrderLink['staff'];
}): OrderLink {
  const chatOf = (id: string): LinkedChat => ({
    contactId: id,
    name: names.get(id) ?? 'a customer whose number WhatsApp hides',
    url: `/app/conversations/${id}`,
  });
  return {
    evidence: evidence.map(({ contactId: id, ...line }) => ({ ...line, chat: chatOf(id) })),
    chat: contactId === null ? null : chatOf(contactId),
    staff,
    disagreement: evidence.some(({ disagrees }) => disagrees),
  };
}

/** What the buyer paid, and what is left of it after edits and refunds. */
function moneyFacts({
  total,
  paidTotal,
  currentTotal,
  outstanding,
  currency,
}: OrderRow): OrderDetail['money'] {
  const money = (amount: { toString(): string }) => formatMoney(amount.toString(), currency);
  return [
    paidTotal === null
      ? { label: 'To pay', value: money(total) }
      : { label: 'Paid', value: money(paidTotal) },
    { label: 'Net revenue, after edits and refunds', value: money(currentTotal ?? paidTotal ?? total) },
    ...(outstanding === null || Number(outstanding) === 0
      ? []
      : [{ label: 'Still to be paid', value: money(outstanding) }]),
  ];
}

function credit(
  order: OrderRow,
  clicks: readonly ClickRow[],
  shop: Shop,
  clock: ShopClock,
): CreditPicture | null {
  if (order.referralId === null) return null;
  const settings = readSettings(shop.settings);
  return creditPicture({
    order: {
      placedAt: order.placedAt,
      net: Number(order.currentTotal ?? order.paidTotal ?? order.total),
      currency: order.currency,
    },
    clicks: clicks.map(namedClick),
    windowDays: order.windowDays ?? settings.windowDays,
    own: order.model ?? settings.model,
    clock,
  });
}

function namedClick({
  id,
  connectionId,
  clickedAt,
  sourceId,
  sourceType,
  clickId,
  headline,
}: ClickRow): NamedClick {
  return {
    referralId: id as ReferralId,
    connectionId: connectionId as ConnectionId,
    clickedAt,
    sourceId,
    isAd: isAdClick({ clickId, sourceType }),
    hasClickId: clickId !== null,
    headline,
  };
}

function adClick(click: ClickRow, order: OrderRow, clock: ShopClock): AdClick {
  return {
    adId: click.sourceId,
    headline: click.headline,
    clickedAt: clock.time(click.clickedAt),
    hasClickId: click.clickId !== null,
    rule: ruleInWords(order.model, order.windowDays),
  };
}
