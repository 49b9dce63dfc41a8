import { draftOfReport, type ApiEvent, type ReportedEvent } from '../domain/api-event.ts';
import { unattributed, type ApiProblem } from '../domain/api-problem.ts';
import { explain, explainState } from '../domain/explain.ts';
import type { ContactId, EventRowId, ShopId } from '../domain/ids.ts';
import { orderState } from '../domain/order-state.ts';
import { isEventName } from '../domain/event-name.ts';
import type { ConversionEvent } from '../../prisma/generated/client.ts';
import type { Transaction } from '../storage/database.ts';
import { isUuid, uuidv7 } from '../storage/uuid.ts';
import { currentContact } from './chat-links.ts';
import { tellSignals } from './chat-signal.ts';
import { phoneHashes } from './contact-search.ts';
import { holdContacts } from './contacts.ts';
import type { Pipeline } from './context.ts';
import type { ShopFacts } from './shop.ts';

type Problem = { kind: 'problem'; problem: ApiProblem };
export type ReportOutcome =
  { kind: 'created'; event: ApiEvent } | { kind: 'repeated'; event: ApiEvent } | Problem;
type Report = { shop: ShopFacts; idempotencyKey: string; event: ReportedEvent };
type Claim = { shopId: ShopId; /** Keyed hash of the idempotency key, in hex. */ key: string };

/**
 * Writes an event that a program reports for a conversation to the ledger, once for each idempotency key of the shop.
 * Of two equal requests at the same moment the second waits for the first and gets its answer. A problem stores nothing.
 */
export async function reportEvent(pipeline: Pipeline, report: Report): Promise<ReportOutcome> {
  const { shop, idempotencyKey, event } = report;
  // Keyed, because either may hold a phone number, and a plain hash of one can be guessed.
  const hash = (name: string, text: string) =>
    pipeline.index(shop.id, 'reference', `${name} ${text}`).toString('hex');
  const claim = { shopId: shop.id, key: hash('api key', idempotencyKey) };
  const request = hash('api request', JSON.stringify(event));

  const outcome = await pipeline.db.$transaction(async (tx): Promise<ReportOutcome> => {
    await holdContacts(tx, [shop.id], 'shared');
    const now = pipeline.clock();
    const { count } = await tx.apiRequest.createMany({
      data: { ...claim, request, eventId: uuidv7(now), createdAt: now },
      skipDuplicates: true,
    });
    if (count === 0) return repetition(tx, claim, request);
    const told = await tell(pipeline, tx, { ...report, claim });
    const where = { shopId_key: claim };
    if (told.kind === 'problem') await tx.apiRequest.delete({ where });
    else await tx.apiRequest.update({ where, data: { eventId: told.event.id } });
    return told;
  });
  if (outcome.kind === 'created') pipeline.bell.ring();
  return outcome;
}

async function repetition(tx: Transaction, claim: Claim, request: string): Promise<ReportOutcome> {
  const first = await tx.apiRequest.findUniqueOrThrow({ where: { shopId_key: claim } });
  if (first.request !== request) return problem({ code: 'idempotency_key_reused' });
  return { kind: 'repeated', event: await storedEvent(tx, claim.shopId, first.eventId) };
}

async function tell(
  pipeline: Pipeline,
  tx: Transaction,
  { shop, event, claim }: Report & { claim: Claim },
): Promise<ReportOutcome> {
  const found = await conversationOf(pipeline, tx, shop, event.conversation);
  if (found.kind === 'problem') return found;
  const [outcome] = await tellSignals(pipeline, tx, [
    {
      shop,
      contactId: found.contactId,
      eventName: event.eventName,
      source: 'api',
      subject: `api:${claim.key}`,
      at: event.at,
      draft: draftOfReport(event, shop.settings),
      value: event.value,
      eventId: `tieback:api:${claim.key}:${event.eventName}`,
    },
  ]);
  if (outcome === undefined) throw new Error('a signal was told without an outcome');
  if (outcome.kind === 'not_attributed') return problem({ code: unattributed(outcome.reason) });
  // Known: a repetition from after the time for which requests are kept.
  const kind = outcome.kind === 'known' ? 'repeated' : 'created';
  return { kind, event: await storedEvent(tx, shop.id, outcome.eventRowId) };
}

async function conversationOf(
  pipeline: Pick<Pipeline, 'index'>,
  tx: Transaction,
  shop: ShopFacts,
  given: ReportedEvent['conversation'],
): Promise<{ kind: 'found'; contactId: ContactId } | Problem> {
  const path = `conversation.${given.kind}`;
  const found = await contactsOf(pipeline, tx, shop, given);
  if (found === null)
    return problem({
      code: 'invalid_request',
      fields: [{ path, message: 'cannot be read as a phone number' }],
    });
  const [contactId, ...others] = found;
  if (contactId === undefined) return problem({ code: 'conversation_not_found' });
  if (others.length === 0) return { kind: 'found', contactId };
  const message = `leads to the conversations ${found.toSorted().join(' and ')}`;
  return problem({ code: 'conversation_ambiguous', fields: [{ path, message }] });
}

/** Null for a phone number that cannot be read. */
async function contactsOf(
  { index }: Pick<Pipeline, 'index'>,
  tx: Transaction,
  shop: ShopFacts,
  { kind, value }: ReportedEvent['conversation'],
): Promise<ContactId[] | null> {
  if (kind === 'contact_id') {
    const contact = await currentContact(tx, shop.id, value.toLowerCase());
    return contact === null ? [] : [contact];
  }
  const hashes =
    kind === 'phone' ? await phoneHashes({ index }, tx, shop, value) : [index(shop.id, 'user_id', value)];
  if (hashes.length === 0) return null;
  // A number from a card that somebody sent is not surely the sender's own.
  const owners = await tx.contactIdentity.findMany({
    where: { shopId: shop.id, hash: { in: hashes }, source: { not: 'shared_contact' } },
    select: { contactId: true },
  });
  return [...new Set(owners.map(({ contactId }) => contactId as ContactId))];
}

/** An event that a program reported for this shop; null when there is none of this id. */
export async function findApiEvent(
  { db }: Pick<Pipeline, 'db'>,
  shopId: ShopId,
  id: string,
): Promise<ApiEvent | null> {
  const lower = id.toLowerCase();
  if (!isUuid(lower)) return null;
  const row = await db.conversionEvent.findFirst({ where: { shopId, id: lower, source: 'api' } });
  return row && toApiEvent(row);
}

async function storedEvent(tx: Transaction, shopId: ShopId, id: EventRowId | string): Promise<ApiEvent> {
  return toApiEvent(await tx.conversionEvent.findUniqueOrThrow({ where: { shopId_id: { shopId, id } } }));
}

function toApiEvent(row: ConversionEvent): ApiEvent {
  const name = row.eventName;
  if (!isEventName(name)) throw new Error(`an event over the API is named ${name}`);
  const { state, reason } = orderState({ decision: 'report', reason: null, event: row });
  if (state === 'not_attributed' || state === 'unpaid') throw new Error(`an event cannot be ${state}`);
  const words = reason === null ? null : explain(reason, name);
  return {
    id: row.id,
    event_id: row.eventId,
    event_name: name,
    occurred_at: row.eventTime.toISOString(),
    state,
    reason,
    explanation: words?.sentence ?? explainState(state, name).sentence,
    fix: words?.fix ?? null,
    fbtrace_id: row.fbtraceId,
  };
}

function problem(what: ApiProblem): Problem {
  return { kind: 'problem', problem: what };
}
