import { z } from 'zod';
import { errorCode } from '../domain/outcome.ts';
import { probeEvent, readProbe } from '../domain/probe.ts';
import type { ShopId } from '../domain/ids.ts';
import type { EventReason } from '../domain/reason.ts';
import {
  findOrCreateDataset,
  listPhoneNumbers,
  subscribeApp,
  type NotFound,
  type PhoneNumber,
} from '../platforms/meta/assets.ts';
import { sendEvents } from '../platforms/meta/events.ts';
import { appToken, exchangeCode, inspectToken, type TokenFacts } from '../platforms/meta/tokens.ts';
import { isGraphId } from './connect-form.ts';
import { codeWords, commonFailure, isPermission } from './connect-mistake.ts';
import { UNREACHABLE } from './connect-number.ts';
import { saveConnection, sharedWith, type Connected } from './connection.ts';
import type { Pipeline } from './context.ts';

/** What Embedded Signup gave the browser. Only the code is a secret, and it works once. */
export type SignUp = {
  code: string;
  wabaId: string | null;
  phoneNumberId: string | null;
  /** "FINISH" and its kin, as Meta named it; null when no word of it came. */
  event: string | null;
};
export type SignUpOutcome =
  | { kind: 'signed_up'; numbers: Connected[] }
  | { kind: 'sign_up_failed'; problem: string; fix: string }
  | { kind: 'unreachable'; problem: string; fix: string };

// The number already lives in the WhatsApp Business app and goes on doing so:
// https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/onboarding-business-app-users
const COEXISTENCE = 'FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING';

const signUpSchema = z.object({
  code: z.string().min(1).max(4096),
  wabaId: z.string().refine(isGraphId).nullable(),
  phoneNumberId: z.string().refine(isGraphId).nullable(),
  event: z.string().max(100).nullable(),
});

type App = { appId: string; appSecret: string };
type Step<T> = { kind: 'done'; value: T } | Exclude<SignUpOutcome, { kind: 'signed_up' }>;
type Account = { wabaId: string; numbers: PhoneNumber[] };

/**
 * Completes Embedded Signup: exchanges the code for the business's token, finds account, numbers and dataset, subscribes
 * the shared app, and connects the chosen number, or all of the account's when none was named. What the browser said is
 * believed only as far as the token reaches it.
 *
 * The number is not registered for Cloud API: that takes a number over from whoever runs it now
 * (https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/registration), and to
 * read along and to report needs no registration.
 */
export async function signUp(pipeline: Pipeline, shop: ShopId, given: SignUp): Promise<SignUpOutcome> {
  const { appId, appSecret } = pipeline.metaApp;
  const read = signUpSchema.safeParse(given);
  if (appId === null || appSecret === null || !read.success) {
    return failed('The sign-up could not be read.', 'Start it again, or connect with an access token below.');
  }
  const app = { appId, appSecret };
  const exchanged = await exchange(pipeline, app, read.data.code);
  if (exchanged.kind !== 'done') return exchanged;
  const token = exchanged.value;
  const inspected = await inspectToken(pipeline.graph, token, appToken(app));
  const facts = inspected.kind === 'found' ? inspected.value : null;
  const account = await findAccount(pipeline, token, read.data.wabaId, facts);
  if (account.kind !== 'done') return account;
  const chosen = choose(account.value.numbers, read.data);
  if (chosen.length === 0) return noNumber(account.value.numbers);
  return connectAll(pipeline, shop, { token, facts, wabaId: account.value.wabaId, numbers: chosen });
}

async function exchange(pipeline: Pipeline, app: App, code: string): Promise<Step<string>> {
  const token = await exchangeCode(pipeline.graph, app, code);
  if (token.kind === 'found') return { kind: 'done', value: token.value };
  if (token.kind === 'no_answer') return unanswered(pipeline, token);
  // It may be the merchant's slowness or the operator's secret: only the operator can tell.
  pipeline.log.warn({ refusal: errorCode(token.error) }, 'Meta did not exchange the code of a sign-up');
  return failed(
    'Meta did not accept the sign-up.',
    `It can be completed only for half a minute. Start it again. ${codeWords(token.error)}`,
  );
}

// Permissions to WhatsApp accounts may be recorded under the id of the business's presence instead of the account's, so
// the ids beside them are tried and not trusted.
const MAX_CANDIDATES = 20;

async function findAccount(
  pipeline: Pipeline,
  token: string,
  wabaId: string | null,
  facts: TokenFacts | null,
): Promise<Step<Account>> {
  const candidates = wabaId === null ? (facts?.targets ?? []).slice(0, MAX_CANDIDATES) : [wabaId];
  let refusal: NotFound | null = null;
  for (const candidate of candidates) {
    const numbers = await listPhoneNumbers(pipeline.graph, candidate, token);
    if (numbers.kind === 'found') {
      return { kind: 'done', value: { wabaId: candidate, numbers: numbers.value } };
    }
    if (numbers.kind === 'no_answer') return unanswered(pipeline, numbers);
    refusal = numbers;
  }
  const code = refusal?.kind === 'refused' ? ` ${codeWords(refusal.error)}` : '';
  return failed(
    'Meta did not share a WhatsApp account with Tieback.',
    `Start again and choose your WhatsApp account when you are asked.${code}`,
  );
}

function choose(numbers: PhoneNumber[], { phoneNumberId, event }: SignUp): PhoneNumber[] {
  if (phoneNumberId !== null) return numbers.filter(({ id }) => id === phoneNumberId);
  const inApp = event === COEXISTENCE ? numbers.filter(({ onBusinessApp }) => onBusinessApp) : [];
  // Meta may say only later which number is in that app.
  return inApp.length > 0 ? inApp : numbers;
}

function noNumber(numbers: readonly PhoneNumber[]): SignUpOutcome {
  return numbers.length === 0
    ? failed(
        'Your WhatsApp account has no phone number yet.',
        'Add one in WhatsApp Manager, then start again and choose it.',
      )
    : failed('Meta does not list your new number yet.', 'Wait a minute, then start again and choose it.');
}

async function connectAll(
  pipeline: Pipeline,
  shop: ShopId,
  given: { token: string; facts: TokenFacts | null; wabaId: string; numbers: PhoneNumber[] },
): Promise<SignUpOutcome> {
  const { token, facts, wabaId, numbers } = given;
  const dataset = await findOrCreateDataset(pipeline.graph, wabaId, token);
  if (dataset.kind !== 'found') return noDataset(pipeline, dataset);
  const subscribed = await subscribeApp(pipeline.graph, wabaId, token);
  const datasetId = dataset.value;
  const paused = await brokenBy(pipeline, { token, wabaId, datasetId });
  const ids = numbers.map(({ id: phoneNumberId }) => ({ wabaId, phoneNumberId }));
  const shared = await sharedWith(pipeline, shop, ids);
  const saved: Connected[] = [];
  for (const [index, number] of numbers.entries()) {
    const connected = await saveConnection(pipeline, shop, {
      wabaId,
      phoneNumberId: number.id,
      displayNumber: number.displayNumber,
      datasetId,
      token,
      appSecret: null,
      dataset: 'found_or_created',
      subscribed: subscribed.kind === 'found' && subscribed.value,
      signedUp: true,
      tokenExpiresAt: facts?.expiresAt ?? null,
      tokenAppId: pipeline.metaApp.appId,
      coexistence: number.onBusinessApp,
      quality: number.quality,
      paused,
      notes: shared[index] ?? [],
    });
    saved.push(connected);
  }
  return { kind: 'signed_up', numbers: saved };
}

/**
 * Why Meta would refuse this account's events. The number is connected all the same: no click that Meta sends meanwhile
 * can be had again, and probes find out when its events are taken.
 */
async function brokenBy(
  pipeline: Pipeline,
  { token, wabaId, datasetId }: { token: string; wabaId: string; datasetId: string },
): Promise<EventReason | null> {
  const events = [probeEvent(wabaId, pipeline.clock())];
  const verdict = readProbe(await sendEvents(pipeline, { datasetId, token, events }));
  return verdict.kind === 'broken' ? verdict.reason : null;
}

function noDataset(pipeline: Pipeline, answer: NotFound): SignUpOutcome {
  const failure = commonFailure(pipeline, answer);
  if (answer.kind === 'no_answer' || failure?.kind === 'unreachable') return UNREACHABLE;
  return failed(
    isPermission(answer.error)
      ? 'The sign-up did not give Tieback the permission to report sales.'
      : 'Meta did not give a dataset for this WhatsApp account.',
    `Ask the team that runs Tieback to check its sign-up configuration at Meta. ${codeWords(answer.error)}`,
  );
}

function unanswered(pipeline: Pipeline, answer: NotFound): typeof UNREACHABLE {
  commonFailure(pipeline, answer);
  return UNREACHABLE;
}

function failed(problem: string, fix: string): Extract<SignUpOutcome, { kind: 'sign_up_failed' }> {
  return { kind: 'sign_up_failed', problem, fix };
}
