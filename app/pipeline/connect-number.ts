import type { ShopId } from '../domain/ids.ts';
import { subscribeApp, type PhoneNumber } from '../platforms/meta/assets.ts';
import type { TokenFacts } from '../platforms/meta/tokens.ts';
import {
  accountProblem,
  checkAccount,
  checkDataset,
  checkNumber,
  checkSecret,
  checkToken,
  factsOf,
  lookUpDataset,
  NO_LOOK,
} from './asset-check.ts';
import { checkForm, checkLooks } from './connect-form.ts';
import type { ConnectionField, ConnectionForm, FieldProblem } from './connect-form.ts';
import { isPermission, type Finding as FindingOf } from './connect-mistake.ts';
import { saveConnection, sharedWith, type Connected, type ConnectNote } from './connection.ts';
import type { Pipeline } from './context.ts';

export type ConnectOutcome =
  | Connected
  | { kind: 'invalid'; problems: FieldProblem[] }
  | { kind: 'unreachable'; problem: string; fix: string };

/** What is known of one value while the form is being filled in. */
export type ValueCheck =
  /** `byHand`: the token may not look things up, so that more values have to be typed. */
  | { kind: 'fine'; detail: string; byHand: boolean }
  /** `field` is the one to put right, which may be another one than was asked about. */
  | ({ kind: 'wrong' } & FieldProblem)
  | { kind: 'not_yet' }
  | { kind: 'unreachable' };

type Finding<T> = FindingOf<T, ConnectionField>;
type Proven = {
  facts: TokenFacts | null;
  /** Null: the token may not look at the account's numbers. */
  number: PhoneNumber | null;
  datasetId: string;
  secret: 'proven' | 'unproven' | null;
};

export const UNREACHABLE = {
  kind: 'unreachable',
  problem: 'Meta did not answer, so nothing was saved.',
  fix: 'Try again in a few minutes.',
} as const;

/** Checks every pasted value against Meta, one by one, and stores the connection only when all of them hold. */
export async function connectNumber(
  pipeline: Pipeline,
  shop: ShopId,
  form: ConnectionForm,
): Promise<ConnectOutcome> {
  const malformed = checkForm(form);
  if (malformed.length > 0) return { kind: 'invalid', problems: malformed };
  const proven = await prove(pipeline, form);
  switch (proven.kind) {
    case 'fine':
      return connectProven(pipeline, shop, form, proven.value);
    case 'invalid':
      return proven;
    case 'wrong': {
      const { field, problem, fix } = proven;
      return { kind: 'invalid', problems: [{ field, problem, fix }] };
    }
    case 'unreachable':
      return UNREACHABLE;
  }
}

async function prove(
  pipeline: Pipeline,
  form: ConnectionForm,
): Promise<Finding<Proven> | { kind: 'invalid'; problems: FieldProblem[] }> {
  const { token, wabaId, phoneNumberId } = form;
  const live = await checkToken(pipeline, token);
  if (live.kind !== 'fine') return live;
  const facts = live.value;
  const account = await checkAccount(pipeline, token, wabaId);
  if (account.kind !== 'fine') return account;
  const seen = account.value;
  let number: PhoneNumber | null = null;
  if (seen.numbers !== null) {
    const found = await checkNumber(pipeline, { token, phoneNumberId, numbers: seen.numbers });
    if (found.kind !== 'fine') return found;
    number = found.value;
  } else {
    // What a token from Events Manager may not look up can be typed by hand: the probe proves account and dataset.
    const blind = isPermission(seen.error) ? missingByHand(form) : [];
    if (blind.length > 0) return { kind: 'invalid', problems: blind };
    if (form.displayNumber === null || form.datasetId === null)
      return { kind: 'wrong', field: 'wabaId', ...accountProblem(facts, seen.error) };
  }
  const known = form.datasetId ?? null;
  const dataset: Finding<string> =
    known === null
      ? await lookUpDataset(pipeline, { token, wabaId, facts })
      : { kind: 'fine', value: known, detail: '' };
  if (dataset.kind !== 'fine') return dataset;
  const datasetId = dataset.value;
  const probe = await checkDataset(pipeline, { token, wabaId, datasetId, facts });
  if (probe.kind !== 'fine') return probe;
  const secret = await proveSecret(pipeline, form, number === null ? null : facts);
  if (secret.kind !== 'fine') return secret;
  return { kind: 'fine', value: { facts, number, datasetId, secret: secret.value }, detail: '' };
}

function missingByHand(form: ConnectionForm): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (form.displayNumber === null) {
    problems.push({
      field: 'displayNumber',
      problem: 'This token may not look up the phone number.',
      fix: 'Enter the number, or use a token with the whatsapp_business_management permission.',
    });
  }
  if (form.datasetId === null) problems.push({ field: 'datasetId', ...NO_LOOK });
  return problems;
}

// A token from Events Manager belongs to an app of Meta's making: the secret of the app with the webhooks is another.
async function proveSecret(
  pipeline: Pipeline,
  { token, appSecret }: ConnectionForm,
  facts: TokenFacts | null,
): Promise<Finding<Proven['secret']>> {
  if (appSecret === null) return { kind: 'fine', value: null, detail: '' };
  return checkSecret(pipeline, { token, appSecret, facts });
}

async function connectProven(
  pipeline: Pipeline,
  shop: ShopId,
  form: ConnectionForm,
  proven: Proven,
): Promise<Connected> {
  const { facts, number, datasetId, secret } = proven;
  const sharedApp = pipeline.metaApp.appId;
  const foreign =
    form.appSecret === null &&
    facts !== null &&
    facts.appId !== null &&
    sharedApp !== null &&
    facts.appId !== sharedApp;
  // The webhooks of a foreign app do not come here: subscribing it would change nothing for Tieback.
  const subscribed = foreign ? null : await subscribeApp(pipeline.graph, form.wabaId, form.token);
  const notes: ConnectNote[] = [
    ...(foreign ? ['foreign_app' as const] : []),
    ...(number === null ? ['number_unproven' as const] : []),
    ...(secret === 'unproven' ? ['secret_unproven' as const] : []),
    ...(await sharedWith(pipeline, shop, [form])).flat(),
  ];
  return saveConnection(pipeline, shop, {
    ...form,
    datasetId,
    displayNumber: number?.displayNumber ?? form.displayNumber ?? '',
    coexistence: number?.onBusinessApp ?? false,
    quality: number?.quality ?? null,
    tokenExpiresAt: facts?.expiresAt ?? null,
    tokenAppId: facts?.appId ?? null,
    dataset: form.datasetId === null ? 'found_or_created' : 'given',
    subscribed: subscribed?.kind === 'found' && subscribed.value,
    notes,
  });
}

/** Checks one value as soon as it was typed, with those before it; the values after it may still be missing. */
export async function checkValue(
  pipeline: Pipeline,
  field: ConnectionField,
  form: ConnectionForm,
): Promise<ValueCheck> {
  const looks = checkLooks(form, field);
  if (looks) return { kind: 'wrong', ...looks };
  const ready = [...NEEDED[field]].every(
    (needed) => form[needed] !== '' && checkLooks(form, needed) === null,
  );
  if (!ready || form[field] === null) return { kind: 'not_yet' };
  const finding = await findOut(pipeline, field, form);
  switch (finding.kind) {
    case 'fine':
      return { kind: 'fine', detail: finding.detail, byHand: isBlind(finding.value) };
    case 'wrong':
    case 'unreachable':
      return finding;
  }
}

function isBlind(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'numbers' in value && value.numbers === null;
}

const NEEDED: Readonly<Record<ConnectionField, readonly ConnectionField[]>> = {
  token: [],
  wabaId: ['token'],
  phoneNumberId: ['token', 'wabaId'],
  displayNumber: [],
  datasetId: ['token', 'wabaId'],
  appSecret: ['token'],
};

async function findOut(
  pipeline: Pipeline,
  field: ConnectionField,
  form: ConnectionForm,
): Promise<Finding<unknown>> {
  const { token, wabaId, phoneNumberId, datasetId, appSecret } = form;
  switch (field) {
    case 'token':
      return checkToken(pipeline, token);
    case 'wabaId': {
      const account = await checkAccount(pipeline, token, wabaId);
      if (account.kind !== 'fine' || account.value.numbers !== null || isPermission(account.value.error))
        return account;
      const facts = await factsOf(pipeline, token);
      return { kind: 'wrong', field: 'wabaId', ...accountProblem(facts, account.value.error) };
    }
    case 'phoneNumberId': {
      const account = await checkAccount(pipeline, token, wabaId);
      if (account.kind !== 'fine') return account;
      const { numbers } = account.value;
      return numbers === null ? account : checkNumber(pipeline, { token, phoneNumberId, numbers });
    }
    case 'datasetId':
      return checkDataset(pipeline, {
        token,
        wabaId,
        datasetId: datasetId ?? '',
        facts: await factsOf(pipeline, token),
      });
    case 'appSecret':
      return checkSecret(pipeline, {
        token,
        appSecret: appSecret ?? '',
        facts: await factsOf(pipeline, token),
      });
    case 'displayNumber':
      return { kind: 'fine', value: null, detail: '' };
  }
}
