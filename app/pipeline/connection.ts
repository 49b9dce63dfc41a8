import { randomBytes } from 'node:crypto';
import { errorCode } from '../domain/outcome.ts';
import { explain } from '../domain/explain.ts';
import { classifyError } from '../domain/meta-error.ts';
import type { MetaError } from '../domain/outcome.ts';
import type { ConnectionId, ShopId } from '../domain/ids.ts';
import {
  findOrCreateDataset,
  listPhoneNumbers,
  subscribeApp,
  type AssetAnswer,
} from '../platforms/meta/assets.ts';
import { isUuid, uuidv7 } from '../storage/uuid.ts';
import type { Pipeline } from './context.ts';
import { connectionSecret } from './sealed.ts';

export type ConnectionForm = {
  wabaId: string;
  phoneNumberId: string;
  token: string;
  /** Null: found or created through the token. */
  datasetId: string | null;
  /** The secret of the merchant's own Meta app, when that app receives this number's webhooks. */
  appSecret: string | null;
};
type Field = keyof ConnectionForm;
export type FieldProblem = { field: Field; problem: string; fix: string };

export type Connected = {
  kind: 'connected';
  connectionId: ConnectionId;
  displayNumber: string;
  datasetId: string;
  dataset: 'found_or_created' | 'given';
  /** Whether Meta confirmed that it sends this account's webhooks to the token's app. */
  subscribed: boolean;
  webhookPath: string;
  /** What Meta must be given when it verifies the connection's own webhook address; null on the shared app. */
  verifyToken: string | null;
};
export type ConnectOutcome =
  | Connected
  | { kind: 'invalid'; problems: FieldProblem[] }
  | { kind: 'unreachable'; problem: string; fix: string };

/** Checks every pasted value against Meta, one by one, and stores the connection only when all of them hold. */
export async function connectNumber(
  pipeline: Pipeline,
  shop: ShopId,
  form: ConnectionForm,
): Promise<ConnectOutcome> {
  const malformed = checkForm(form);
  if (malformed.length > 0) return { kind: 'invalid', problems: malformed };

  const numbers = await listPhoneNumbers(pipeline.graph, form.wabaId, form.token);
  if (numbers.kind !== 'found') return failure(pipeline, numbers, 'wabaId');
  const number = numbers.value.find((candidate) => candidate.id === form.phoneNumberId);
  if (!number) {
    const known = numbers.value
      .map((candidate) => `${candidate.displayNumber} is ${candidate.id}`)
      .join(', ');
    const fix = known
      ? `In this account, ${known}.`
      : 'This account has no phone number yet. Add one in WhatsApp Manager.';
    return invalid('phoneNumberId', 'This phone number ID is not in that WhatsApp Business Account.', fix);
  }
  const dataset =
    form.datasetId === null ? await findOrCreateDataset(pipeline.graph, form.wabaId, form.token) : null;
  if (dataset && dataset.kind !== 'found') return datasetFailure(pipeline, dataset);
  // A token from Events Manager may send events without being allowed to subscribe an app; capture then needs the
  // merchant's own webhook, so this is told, not refused.
  const subscribed = await subscribeApp(pipeline.graph, form.wabaId, form.token);
  return saveConnection(pipeline, shop, {
    ...form,
    datasetId: dataset?.value ?? form.datasetId ?? '',
    displayNumber: number.displayNumber,
    dataset: dataset ? 'found_or_created' : 'given',
    subscribed: subscribed.kind === 'found' && subscribed.value,
  });
}

/**
 * Stores a connection as given, without asking Meta. The same number connected again keeps its id, its clicks and its
 * waiting events, and becomes active.
 */
export async function saveConnection(
  pipeline: Pipeline,
  shop: ShopId,
  given: Omit<ConnectionForm, 'datasetId'> &
    Pick<Connected, 'displayNumber' | 'datasetId' | 'dataset' | 'subscribed'>,
): Promise<Connected> {
  const { wabaId, phoneNumberId, displayNumber, datasetId } = given;
  const where = { shopId_phoneNumberId: { shopId: shop, phoneNumberId } };
  const verifyToken = given.appSecret === null ? null : randomBytes(24).toString('base64url');
  const id = await pipeline.db.$transaction(async (tx) => {
    // One at a time for each shop: the secrets are sealed for the id that the row will have.
    await tx.$queryRaw`SELECT 1 FROM shops WHERE id = ${shop} FOR NO KEY UPDATE`;
    const existing = await tx.whatsAppConnection.findUnique({ where });
    const id = (existing?.id ?? uuidv7(pipeline.clock())) as ConnectionId;
    const seal = (column: 'token' | 'app_secret' | 'verify_token', plain: string): string =>
      pipeline.vault.seal(plain, connectionSecret(shop, id, column));
    const data = {
      wabaId,
      displayNumber,
      datasetId,
      token: seal('token', given.token),
      appSecret: given.appSecret === null ? null : seal('app_secret', given.appSecret),
      verifyToken: verifyToken === null ? null : seal('verify_token', verifyToken),
      state: 'active' as const,
      stateReason: null,
      stateSince: pipeline.clock(),
      failures: 0,
      holdUntil: null,
      probes: 0,
      probeAt: null,
    };
    const create = { shopId: shop, id, phoneNumberId, ...data };
    await tx.whatsAppConnection.upsert({ where, create, update: data });
    return id;
  });
  pipeline.bell.ring();
  return {
    kind: 'connected',
    connectionId: id,
    displayNumber,
    datasetId,
    dataset: given.dataset,
    subscribed: given.subscribed,
    webhookPath: webhookPath({ id, appSecret: given.appSecret }),
    verifyToken,
  };
}

/** Where Meta must post this number's webhooks. */
export function webhookPath(connection: { id: string; appSecret: string | null }): string {
  return connection.appSecret === null ? '/webhooks/whatsapp' : `/webhooks/whatsapp/${connection.id}`;
}

/** Takes a number off. Its clicks stay, its waiting events stay until their deadline, its secrets go. */
export async function disconnectNumber(
  pipeline: Pipeline,
  shop: ShopId,
  connectionId: string,
): Promise<{ kind: 'disconnected' } | { kind: 'not_found' }> {
  if (!isUuid(connectionId)) return { kind: 'not_found' };
  const { count } = await pipeline.db.whatsAppConnection.updateMany({
    where: { shopId: shop, id: connectionId, state: { not: 'disconnected' } },
    data: {
      state: 'disconnected',
      stateReason: null,
      stateSince: pipeline.clock(),
      token: '',
      appSecret: null,
      verifyToken: null,
    },
  });
  return count > 0 ? { kind: 'disconnected' } : { kind: 'not_found' };
}

function checkForm(form: ConnectionForm): FieldProblem[] {
  const isId = (text: string): boolean => /^\d{5,25}$/.test(text);
  const problems: FieldProblem[] = [];
  if (!/^\S{20,}$/.test(form.token)) {
    problems.push({
      field: 'token',
      problem: 'This is not an access token.',
      fix: 'Paste the whole token, without spaces.',
    });
  }
  if (!isId(form.wabaId)) {
    problems.push({
      field: 'wabaId',
      problem: 'This ID must be digits only.',
      fix: 'Copy the account ID from WhatsApp Manager.',
    });
  }
  if (!isId(form.phoneNumberId)) {
    problems.push({
      field: 'phoneNumberId',
      problem: 'This ID must be digits only.',
      fix: 'It is the phone number ID, not the phone number. Copy it from API Setup in your Meta app.',
    });
  }
  if (form.datasetId !== null && !isId(form.datasetId)) {
    problems.push({
      field: 'datasetId',
      problem: 'This ID must be digits only.',
      fix: 'Copy the dataset ID from Events Manager.',
    });
  }
  const twin =
    form.datasetId === form.wabaId
      ? 'WhatsApp Business Account'
      : form.datasetId === form.phoneNumberId
        ? 'phone number'
        : null;
  if (form.datasetId !== null && twin) {
    problems.push({
      field: 'datasetId',
      problem: `This is the ${twin} ID, not a dataset ID.`,
      fix: 'Copy the dataset ID from Events Manager.',
    });
  }
  return problems;
}

type NotFound = Exclude<AssetAnswer<never>, { kind: 'found' }>;

function failure(pipeline: Pipeline, answer: NotFound, field: Field): ConnectOutcome {
  if (answer.kind === 'no_answer') {
    pipeline.log.warn({ detail: answer.detail }, 'Meta did not answer while a number was connected');
    return {
      kind: 'unreachable',
      problem: 'Meta did not answer, so nothing was saved.',
      fix: 'Try again in a few minutes.',
    };
  }
  const { reason } = classifyError(answer.error, 400);
  const { sentence, fix } = explain(reason);
  const known = reason === 'wiring_token' ? 'token' : field;
  return invalid(
    known,
    meaning(reason, sentence),
    `${fix ?? 'Check this value.'} (Meta's code: ${errorCode(answer.error)}.)`,
  );
}

function meaning(reason: string, sentence: string): string {
  if (reason === 'wiring_token') return 'Meta does not accept this access token.';
  if (reason === 'wiring_dataset') return 'Meta knows no such account, or this token may not see it.';
  if (reason === 'wiring_permission') return 'This token lacks the permission to manage this account.';
  return sentence;
}

// 200 is how Meta refuses /{waba}/dataset to a token made in Events Manager, which can send events all the same.
function datasetFailure(pipeline: Pipeline, answer: NotFound): ConnectOutcome {
  const lacksRight = answer.kind === 'refused' && isPermission(answer.error);
  if (!lacksRight) return failure(pipeline, answer, 'wabaId');
  return invalid(
    'datasetId',
    'This token may not look up the dataset.',
    'Enter the dataset ID from Events Manager, or use a token with the whatsapp_business_management permission.',
  );
}

function isPermission(error: MetaError): boolean {
  return classifyError(error, 400).reason === 'wiring_permission';
}

function invalid(field: Field, problem: string, fix: string): ConnectOutcome {
  return { kind: 'invalid', problems: [{ field, problem, fix }] };
}
