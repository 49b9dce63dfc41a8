import { classifyError } from '../domain/meta-error.ts';
import { classifyOutcome, type MetaError, type SendResult } from '../domain/outcome.ts';
import { probeEvent, readProbe } from '../domain/probe.ts';
import {
  findOrCreateDataset,
  listPhoneNumbers,
  readDataset,
  type PhoneNumber,
} from '../platforms/meta/assets.ts';
import { sendEvents } from '../platforms/meta/events.ts';
import { appToken, checkLive, inspectToken, type TokenFacts } from '../platforms/meta/tokens.ts';
import { WHERE, type ConnectionField } from './connect-form.ts';
import {
  codeWords,
  commonFailure,
  isPermission,
  nameMistake,
  type Finding as FindingOf,
} from './connect-mistake.ts';
import type { Pipeline } from './context.ts';

type Finding<T> = FindingOf<T, ConnectionField>;

const MANAGE = 'whatsapp_business_management';
const MANAGE_EVENTS = 'whatsapp_business_manage_events';

/** Whether Meta accepts the token, and what it knows of it; null when it does not say. */
export async function checkToken(pipeline: Pipeline, token: string): Promise<Finding<TokenFacts | null>> {
  const live = await checkLive(pipeline.graph, token);
  const failure = live.kind === 'found' ? null : commonFailure(pipeline, live);
  if (failure) return failure;
  const facts = await factsOf(pipeline, token);
  if (facts !== null && !facts.valid) {
    const fix = 'Make a new one in Meta’s business settings.';
    return { kind: 'wrong', field: 'token', problem: 'This access token is no longer valid.', fix };
  }
  return { kind: 'fine', value: facts, detail: tokenWords(facts) };
}

/** A token may ask about itself; of the shared app's own tokens, the app may ask too. */
export async function factsOf(pipeline: Pipeline, token: string): Promise<TokenFacts | null> {
  const own = await inspectToken(pipeline.graph, token, token);
  if (own.kind === 'found') return own.value;
  const { appId, appSecret } = pipeline.metaApp;
  if (own.kind === 'no_answer' || appId === null || appSecret === null) return null;
  const shared = await inspectToken(pipeline.graph, token, appToken({ appId, appSecret }));
  return shared.kind === 'found' ? shared.value : null;
}

function tokenWords(facts: TokenFacts | null): string {
  if (facts === null) return 'Meta accepts it.';
  const day = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' });
  const until =
    facts.expiresAt === null ? 'It does not expire' : `It works until ${day.format(facts.expiresAt)}`;
  const of = facts.appName === null ? '' : ` and belongs to the Meta app “${facts.appName}”`;
  return [`Meta accepts it. ${until}${of}.`, missingWords(facts, MANAGE_EVENTS)].filter(Boolean).join(' ');
}

/** Names a permission that the token was not given at all; whether one suffices only a call can show. */
function missingWords(facts: TokenFacts | null, scope: string): string {
  if (facts === null || facts.scopes.length === 0 || facts.scopes.includes(scope)) return '';
  return `It was made without the permission ${scope}.`;
}

/** What the token may see of an account: its numbers; null when Meta does not let it look, or knows no such account. */
export type Seen = { numbers: PhoneNumber[] } | { numbers: null; error: MetaError };

/** Whether the id is that of a WhatsApp Business Account, as far as the token may see it. */
export async function checkAccount(
  pipeline: Pipeline,
  token: string,
  wabaId: string,
): Promise<Finding<Seen>> {
  const numbers = await listPhoneNumbers(pipeline.graph, wabaId, token);
  if (numbers.kind === 'found') {
    const count = numbers.value.length;
    const detail = count === 1 ? 'It has 1 phone number.' : `It has ${count} phone numbers.`;
    return { kind: 'fine', value: { numbers: numbers.value }, detail };
  }
  const failure = commonFailure(pipeline, numbers);
  if (failure) return failure;
  const mistake = await nameMistake(pipeline, { id: wabaId, token, wanted: 'account' });
  if (mistake !== null) return { kind: 'wrong', field: 'wabaId', problem: mistake, fix: WHERE.wabaId };
  if (numbers.kind === 'no_answer') return { kind: 'unreachable' };
  const detail = 'This token may not look into the account. Enter the number and the dataset ID by hand.';
  return { kind: 'fine', value: { numbers: null, error: numbers.error }, detail };
}

/** Why an account cannot be read, in words. */
export function accountProblem(facts: TokenFacts | null, error: MetaError): { problem: string; fix: string } {
  return isPermission(error)
    ? {
        problem: 'This token lacks the permission to manage this account.',
        fix: `${missingWords(facts, MANAGE) || 'Give its system user access to the account in Meta’s business settings.'} ${codeWords(error)}`,
      }
    : {
        problem: 'Meta knows no such account, or this token may not see it.',
        fix: `${WHERE.wabaId} If it is right, give the token’s system user access to the account in Meta’s business settings. ${codeWords(error)}`,
      };
}

/** Whether the number is one of the account's. */
export async function checkNumber(
  pipeline: Pipeline,
  given: { token: string; phoneNumberId: string; numbers: readonly PhoneNumber[] },
): Promise<Finding<PhoneNumber>> {
  const { token, phoneNumberId: id, numbers } = given;
  const number = numbers.find((candidate) => candidate.id === id);
  if (number) return { kind: 'fine', value: number, detail: `It is ${number.displayNumber}.` };
  const mistake = await nameMistake(pipeline, { id, token, wanted: 'number' });
  const known = numbers.map((candidate) => `${candidate.displayNumber} is ${candidate.id}`).join(', ');
  return {
    kind: 'wrong',
    field: 'phoneNumberId',
    problem: mistake ?? 'This phone number ID is not in that WhatsApp Business Account.',
    fix: known
      ? `In this account, ${known}.`
      : 'This account has no phone number yet. Add one in WhatsApp Manager.',
  };
}

/** The dataset of the account, found or made; Meta refuses that to tokens which may send events all the same. */
export async function lookUpDataset(
  pipeline: Pipeline,
  given: { token: string; wabaId: string; facts: TokenFacts | null },
): Promise<Finding<string>> {
  const dataset = await findOrCreateDataset(pipeline.graph, given.wabaId, given.token);
  if (dataset.kind === 'found')
    return { kind: 'fine', value: dataset.value, detail: 'Meta keeps it for this WhatsApp account.' };
  const failure = commonFailure(pipeline, dataset);
  if (failure) return failure;
  if (dataset.kind === 'no_answer') return { kind: 'unreachable' };
  return isPermission(dataset.error)
    ? { kind: 'wrong', field: 'datasetId', ...NO_LOOK }
    : { kind: 'wrong', field: 'wabaId', ...accountProblem(given.facts, dataset.error) };
}

export const NO_LOOK = {
  problem: 'This token may not look up the dataset.',
  fix: `Enter the dataset ID from Events Manager, or use a token with the ${MANAGE} permission.`,
};

/**
 * Whether the token may send events of this account to this dataset: proven by an event that Meta must refuse for its
 * click id alone. What else Meta says of it names the mistake.
 */
export async function checkDataset(
  pipeline: Pipeline,
  given: { token: string; wabaId: string; datasetId: string; facts: TokenFacts | null },
): Promise<Finding<null>> {
  const { token, wabaId, datasetId } = given;
  const events = [probeEvent(wabaId, pipeline.clock())];
  const result = await sendEvents(pipeline, { datasetId, token, events });
  const verdict = readProbe(result);
  if (verdict.kind === 'wired')
    return { kind: 'fine', value: null, detail: 'Meta takes this account’s events there.' };
  const error = refusalOf(result);
  // Whatever else Meta minds about the probe it minds after token, permission and dataset.
  if (verdict.kind === 'no_verdict') {
    return error !== null && classifyError(error, 400).action === 'refused'
      ? { kind: 'fine', value: null, detail: `Meta takes events there. ${codeWords(error)}` }
      : { kind: 'unreachable' };
  }
  if (error === null) return { kind: 'unreachable' };
  const failure = commonFailure(pipeline, { kind: 'refused', error });
  if (failure) return failure;
  const mistake = await nameMistake(pipeline, { id: datasetId, token, wanted: 'dataset' });
  const own = await readDataset(pipeline.graph, wabaId, token);
  const isOwn = own.kind === 'found' && own.value === datasetId;
  const right = own.kind === 'found' && !isOwn ? own.value : null;
  const fix = right === null ? WHERE.datasetId : `The dataset of this WhatsApp account is ${right}.`;
  if (mistake !== null) return { kind: 'wrong', field: 'datasetId', problem: mistake, fix };
  // Meta says of a dataset that the token may not send to what it says of one that does not exist.
  return datasetProblem(given, { error, right, fix, mayNot: isOwn || isPermission(error) });
}

const NO_ACCOUNT_LINKED = 2804132;

function datasetProblem(
  { facts }: { facts: TokenFacts | null },
  { error, right, fix, mayNot }: { error: MetaError; right: string | null; fix: string; mayNot: boolean },
): Finding<null> {
  const wrong = (field: ConnectionField, problem: string, how: string): Finding<null> => ({
    kind: 'wrong',
    field,
    problem,
    fix: `${how} ${codeWords(error)}`,
  });
  if (error.subcode === NO_ACCOUNT_LINKED)
    return wrong('datasetId', 'This is a pixel, or the dataset of another WhatsApp account.', fix);
  if (right !== null)
    return wrong('datasetId', 'This is another dataset than the one of this WhatsApp account.', fix);
  if (mayNot) {
    const how = 'Give its system user access to the dataset in Meta’s business settings.';
    return wrong(
      'token',
      'This token may not send events to the dataset.',
      missingWords(facts, MANAGE_EVENTS) || how,
    );
  }
  const how = `${fix} If it is right, give the token’s system user access to the dataset in Meta’s business settings.`;
  return wrong('datasetId', 'Meta knows no such dataset, or this token may not see it.', how);
}

/** Meta's error in the answer to an event; null when there is none to read. */
export function refusalOf(result: SendResult): MetaError | null {
  const outcome = classifyOutcome(result, 1);
  return outcome.kind === 'accepted' ? null : 'error' in outcome ? outcome.error : null;
}

/** Whether the secret is that of the app which the token belongs to; its value says whether that could be seen. */
export async function checkSecret(
  pipeline: Pipeline,
  given: { token: string; appSecret: string; facts: TokenFacts | null },
): Promise<Finding<'proven' | 'unproven'>> {
  const { token, appSecret, facts } = given;
  if (facts === null || facts.appId === null)
    return { kind: 'fine', value: 'unproven', detail: 'Whether it is right shows with the first chat.' };
  const answer = await inspectToken(pipeline.graph, token, appToken({ appId: facts.appId, appSecret }));
  if (answer.kind === 'found')
    return { kind: 'fine', value: 'proven', detail: 'It is the secret of the token’s app.' };
  if (answer.kind === 'no_answer' || classifyError(answer.error, 400).action === 'retry')
    return { kind: 'unreachable' };
  const name = facts.appName === null ? facts.appId : `“${facts.appName}” (${facts.appId})`;
  const problem = `This is not the secret of the Meta app ${name}, which the access token belongs to.`;
  return { kind: 'wrong', field: 'appSecret', problem, fix: `${WHERE.appSecret} ${codeWords(answer.error)}` };
}
