import { afterRequest, isHalfOpen, restFor, type Breaker } from '../domain/breaker.ts';
import { classifyOutcome, errorCode, type Outcome, type SendResult } from '../domain/outcome.ts';
import { settlementOf } from '../domain/settlement.ts';
import { sendEvents } from '../platforms/meta/events.ts';
import { pauseConnection, saveBreaker } from './breaker.ts';
import { holdEvents } from './claim.ts';
import type { Pipeline } from './context.ts';
import { parked, setAside, type OpenLane, type ReadyEvent } from './open-lane.ts';
import { parkEvent } from './parked-events.ts';
import { untilStored, type Answer, type Settled, type Settler } from './settle.ts';

const MAX_ANSWER_CHARACTERS = 4_096;

/**
 * Sends a lane's events and settles each by Meta's answer. Meta takes all of a request or nothing, so a refused one is
 * halved until the bad event stands alone. A name that Meta does not know is parked. Once the connection or the dataset
 * turns out not to work or is to rest, and when `stopping` says so, the rest goes back.
 */
export async function sendLane(
  pipeline: Pipeline,
  settler: Settler,
  { lane, token, parts }: OpenLane,
  stopping: () => boolean,
): Promise<void> {
  let failures = lane.failures;
  let queue = [...parts];
  let first = true;
  let resting = false;
  for (let part = queue.shift(); part !== undefined; part = queue.shift()) {
    if (!first && (stopping() || resting || isHalfOpen(failures)))
      return settler.settle([part, ...queue].flat().map((event) => release(pipeline, event)));
    // The first part was held together with those of the other lanes.
    const sent = first ? part : await stillHeld(pipeline, part, queue.flat());
    first = false;
    if (sent.length === 0) continue;

    const events = sent.map((event) => event.body);
    const result = await sendEvents(pipeline, { datasetId: lane.datasetId, token, events });
    const outcome = classifyOutcome(result, sent.length);
    if (outcome.kind === 'refused' && sent.length > 1) {
      queue.unshift(...halves(sent));
      continue;
    }
    // Before the rows are due again, or they would be claimed at once.
    if (outcome.kind === 'wiring') await pauseConnection(pipeline, lane, outcome.reason);
    const breaker = afterUse(failures, pipeline, { outcome, result });
    resting = outcome.kind === 'accepted' && breaker.holdUntil !== null;
    if (resting || breaker.failures !== failures) await saveBreaker(pipeline, lane, breaker);
    failures = breaker.failures;
    const unknown = refusedName(outcome, sent);
    if (unknown !== null) {
      await parkEvent(pipeline, lane, unknown);
      const isParked = ({ body }: ReadyEvent): boolean => body.event_name === unknown;
      await settler.settle(queue.flat().filter(isParked).map(parked));
      queue = queue.map((part) => part.filter((event) => !isParked(event)));
    }

    const answer = answerOf(result, outcome);
    const isOver = outcome.kind === 'wiring' || outcome.kind === 'retry';
    const rest = isOver ? queue.splice(0).flat() : [];
    await settler.settle(
      [...sent, ...rest].map((event) => settled(pipeline, lane, event, { outcome, answer })),
    );
  }
}

function afterUse(
  failures: number,
  { clock, random }: Pipeline,
  { outcome, result }: { outcome: Outcome; result: SendResult },
): Breaker {
  const breaker = afterRequest(failures, outcome, clock(), random());
  const used = result.kind === 'answered' ? (result.usagePercent ?? null) : null;
  return outcome.kind === 'accepted' ? { ...breaker, holdUntil: restFor(used, clock()) } : breaker;
}

/** The name for which Meta refused the one event that it was asked to take. */
function refusedName(outcome: Outcome, sent: readonly ReadyEvent[]): string | null {
  const isName = outcome.kind === 'refused' && outcome.reason === 'refused_event_name';
  return isName ? (sent[0]?.body.event_name ?? null) : null;
}

async function stillHeld(
  pipeline: Pipeline,
  part: readonly ReadyEvent[],
  rest: readonly ReadyEvent[],
): Promise<ReadyEvent[]> {
  const held = await untilStored(pipeline, () => holdEvents(pipeline, part, rest));
  return part.filter((event) => held.has(event.id));
}

function halves(events: readonly ReadyEvent[]): ReadyEvent[][] {
  const middle = Math.ceil(events.length / 2);
  return [events.slice(0, middle), events.slice(middle)];
}

function settled(
  pipeline: Pipeline,
  { settings: { unknownOutcome } }: OpenLane['lane'],
  event: ReadyEvent,
  { outcome, answer }: { outcome: Outcome; answer: Answer },
): Settled {
  const { attempts, uncertain, deadline } = event;
  const now = pipeline.clock();
  const random = pipeline.random();
  return {
    ...settlementOf(outcome, { attempts, uncertain, deadline, unknownOutcome, now, random }),
    event,
    answer,
  };
}

function release(pipeline: Pipeline, event: ReadyEvent): Settled {
  return setAside(event, { state: 'due', reason: 'interrupted', nextAttemptAt: pipeline.clock() });
}

function answerOf(result: SendResult, outcome: Outcome): Answer {
  const error = outcome.kind === 'accepted' ? null : outcome.error;
  const text = result.kind === 'answered' ? result.body : result.detail;
  return {
    httpStatus: result.kind === 'answered' ? result.status : null,
    // PostgreSQL's text cannot hold NUL.
    text: text.slice(0, MAX_ANSWER_CHARACTERS).replaceAll('\u0000', ''),
    errorCode: error && errorCode(error),
    fbtraceId: outcome.kind === 'accepted' ? outcome.fbtraceId : (error?.fbtraceId ?? null),
  };
}
