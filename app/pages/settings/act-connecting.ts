import type { ShopId } from '../../domain/ids.ts';
import type { ConnectionField, ConnectionForm, FieldProblem } from '../../pipeline/connect-form.ts';
import { checkValue, connectNumber, type ValueCheck } from '../../pipeline/connect-number.ts';
import { connectPixel, type PixelField } from '../../pipeline/connect-pixel.ts';
import { replaceToken } from '../../pipeline/connect-token.ts';
import type { Connected } from '../../pipeline/connection.ts';
import { signUp } from '../../pipeline/embedded-signup.ts';
import type { Services } from '../../services.ts';
import { webhookAddress } from './load.ts';

export type ConnectedSummary = Pick<
  Connected,
  'displayNumber' | 'datasetId' | 'dataset' | 'subscribed' | 'verifyToken' | 'notes'
> & {
  webhookAddress: string;
};

/** What came of a form that is about a connection. Of secrets only a fresh verify token goes back, once. */
export type ConnectingOutcome =
  | { kind: 'connected'; number: ConnectedSummary }
  | { kind: 'signed_up'; numbers: ConnectedSummary[] }
  | { kind: 'pixel_connected'; datasetId: string }
  | { kind: 'token_replaced' }
  | { kind: 'checked'; field: ConnectionField; check: ValueCheck }
  | { kind: 'invalid_connection'; problems: FieldProblem[] }
  | { kind: 'invalid_pixel'; problems: FieldProblem<PixelField>[] }
  | { kind: 'invalid_token'; problem: string; fix: string }
  | { kind: 'sign_up_failed'; problem: string; fix: string }
  | { kind: 'unreachable'; problem: string; fix: string }
  | { kind: 'not_found' }
  | { kind: 'unknown_intent' };

const FIELDS: readonly ConnectionField[] = [
  'token',
  'wabaId',
  'phoneNumberId',
  'displayNumber',
  'datasetId',
  'appSecret',
];

export async function connectByHand(
  services: Services,
  shop: ShopId,
  form: FormData,
): Promise<ConnectingOutcome> {
  const outcome = await connectNumber(services, shop, readForm(form));
  switch (outcome.kind) {
    case 'connected':
      return { kind: 'connected', number: summaryOf(services, outcome) };
    case 'invalid':
      return { kind: 'invalid_connection', problems: outcome.problems };
    case 'unreachable':
      return outcome;
  }
}

/** Checks the one value that was just typed. */
export async function checkField(services: Services, form: FormData): Promise<ConnectingOutcome> {
  const name = FIELDS.find((one) => one === field(form, 'field'));
  if (name === undefined) return { kind: 'unknown_intent' };
  return { kind: 'checked', field: name, check: await checkValue(services, name, readForm(form)) };
}

export async function completeSignUp(
  services: Services,
  shop: ShopId,
  form: FormData,
): Promise<ConnectingOutcome> {
  const outcome = await signUp(services, shop, {
    code: field(form, 'code'),
    wabaId: field(form, 'wabaId') || null,
    phoneNumberId: field(form, 'phoneNumberId') || null,
    event: field(form, 'event') || null,
  });
  if (outcome.kind !== 'signed_up') return outcome;
  return { kind: 'signed_up', numbers: outcome.numbers.map((number) => summaryOf(services, number)) };
}

export async function connectPixelByHand(
  services: Services,
  shop: ShopId,
  form: FormData,
): Promise<ConnectingOutcome> {
  const pixel = { datasetId: field(form, 'datasetId'), token: field(form, 'token') };
  const outcome = await connectPixel(services, shop, pixel);
  switch (outcome.kind) {
    case 'pixel_connected':
      return { kind: 'pixel_connected', datasetId: outcome.datasetId };
    case 'invalid':
      return { kind: 'invalid_pixel', problems: outcome.problems };
    case 'unreachable':
      return outcome;
  }
}

export async function replaceTokenByHand(
  services: Services,
  shop: ShopId,
  form: FormData,
): Promise<ConnectingOutcome> {
  return replaceToken(services, shop, field(form, 'connectionId'), field(form, 'token'));
}

/** A field of a form without the white space around it; empty when it was not sent. */
export function field(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
}

function readForm(form: FormData): ConnectionForm {
  return {
    token: field(form, 'token'),
    wabaId: field(form, 'wabaId'),
    phoneNumberId: field(form, 'phoneNumberId'),
    displayNumber: field(form, 'displayNumber') || null,
    datasetId: field(form, 'datasetId') || null,
    appSecret: field(form, 'appSecret') || null,
  };
}

function summaryOf(services: Services, connected: Connected): ConnectedSummary {
  const { displayNumber, datasetId, dataset, subscribed, verifyToken, notes } = connected;
  const address = webhookAddress(services, connected.webhookPath);
  return { displayNumber, datasetId, dataset, subscribed, verifyToken, notes, webhookAddress: address };
}
