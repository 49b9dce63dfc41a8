import { classifyError } from '../domain/meta-error.ts';
import type { ConnectionId, ShopId } from '../domain/ids.ts';
import { probePixelEvent, readProbe } from '../domain/probe.ts';
import { sendEvents } from '../platforms/meta/events.ts';
import { uuidv7 } from '../storage/uuid.ts';
import { clearAlertsOf } from './alerts.ts';
import { checkToken, refusalOf } from './asset-check.ts';
import { isGraphId, isToken, WHERE, type FieldProblem } from './connect-form.ts';
import { codeWords, commonFailure, isPermission, nameMistake, type Finding } from './connect-mistake.ts';
import { UNREACHABLE } from './connect-number.ts';
import { lockShop, sealer, workingAgain } from './connection.ts';
import type { Pipeline } from './context.ts';

export type PixelForm = { datasetId: string; token: string };
export type PixelField = keyof PixelForm;

export type PixelOutcome =
  | { kind: 'pixel_connected'; connectionId: ConnectionId; datasetId: string }
  | { kind: 'invalid'; problems: FieldProblem<PixelField>[] }
  | { kind: 'unreachable'; problem: string; fix: string };

const WHERE_PIXEL =
  'Copy the ID of the pixel or dataset from Events Manager, where your website’s events are.';

/** Connects the dataset to which website and point-of-sale events go, once Meta has shown that the token may send there. */
export async function connectPixel(pipeline: Pipeline, shop: ShopId, form: PixelForm): Promise<PixelOutcome> {
  const malformed = checkPixelForm(form);
  if (malformed.length > 0) return { kind: 'invalid', problems: malformed };
  const { datasetId, token } = form;
  const chat = await pipeline.db.connection.count({
    where: {
      shopId: shop,
      kind: 'whatsapp',
      OR: [{ datasetId }, { wabaId: datasetId }, { phoneNumberId: datasetId }],
    },
  });
  if (chat > 0) {
    const problem = 'This ID belongs to your WhatsApp account, which takes events from chats alone.';
    return { kind: 'invalid', problems: [{ field: 'datasetId', problem, fix: WHERE_PIXEL }] };
  }
  const live = await checkToken(pipeline, token);
  const finding = live.kind === 'fine' ? await checkPixel(pipeline, form) : live;
  switch (finding.kind) {
    case 'unreachable':
      return UNREACHABLE;
    case 'wrong': {
      const field = finding.field === 'datasetId' ? 'datasetId' : 'token';
      return { kind: 'invalid', problems: [{ field, problem: finding.problem, fix: finding.fix }] };
    }
    case 'fine':
      return savePixel(pipeline, shop, {
        ...form,
        tokenExpiresAt: live.kind === 'fine' ? (live.value?.expiresAt ?? null) : null,
        tokenAppId: live.kind === 'fine' ? (live.value?.appId ?? null) : null,
      });
  }
}

/** Whether the token may send website events to the dataset: proven by an event that Meta must refuse for its age. */
export async function checkPixel(pipeline: Pipeline, form: PixelForm): Promise<Finding<null, PixelField>> {
  const { datasetId, token } = form;
  const events = [probePixelEvent(pipeline.clock())];
  const result = await sendEvents(pipeline, { datasetId, token, events });
  const verdict = readProbe(result, 'pixel');
  if (verdict.kind === 'wired')
    return { kind: 'fine', value: null, detail: 'Meta takes website events there.' };
  const error = refusalOf(result);
  if (error === null) return { kind: 'unreachable' };
  const failure = commonFailure(pipeline, { kind: 'refused', error });
  if (failure) return failure;
  const mistake = await nameMistake(pipeline, { id: datasetId, token, wanted: 'dataset' });
  if (mistake !== null) return { kind: 'wrong', field: 'datasetId', problem: mistake, fix: WHERE_PIXEL };
  const wrong = (field: PixelField, problem: string, fix: string): Finding<null, PixelField> => ({
    kind: 'wrong',
    field,
    problem,
    fix: `${fix} ${codeWords(error)}`,
  });
  if (classifyError(error, 400).action === 'refused')
    return wrong('datasetId', 'This dataset does not take website events.', WHERE_PIXEL);
  return isPermission(error)
    ? wrong(
        'token',
        'This token may not send events to the dataset.',
        'Make it in Events Manager: the dataset, Settings, Conversions API, Generate access token.',
      )
    : wrong('datasetId', 'Meta knows no such dataset, or this token may not see it.', WHERE_PIXEL);
}

function checkPixelForm({ datasetId, token }: PixelForm): FieldProblem<PixelField>[] {
  const problems: FieldProblem<PixelField>[] = [];
  if (!isGraphId(datasetId))
    problems.push({ field: 'datasetId', problem: 'This ID must be digits only.', fix: WHERE_PIXEL });
  if (!isToken(token))
    problems.push({ field: 'token', problem: 'This is not an access token.', fix: WHERE.token });
  return problems;
}

/** A shop has one pixel: another one takes its place, and what waits is sent there. */
async function savePixel(
  pipeline: Pipeline,
  shop: ShopId,
  given: PixelForm & { tokenExpiresAt: Date | null; tokenAppId: string | null },
): Promise<PixelOutcome> {
  const { datasetId, tokenExpiresAt, tokenAppId } = given;
  const id = await pipeline.db.$transaction(async (tx) => {
    await lockShop(tx, shop);
    const existing = await tx.connection.findFirst({ where: { shopId: shop, kind: 'pixel' } });
    const id = (existing?.id ?? uuidv7(pipeline.clock())) as ConnectionId;
    const token = sealer(pipeline, shop, id)('token', given.token);
    const data = { datasetId, token, tokenExpiresAt, tokenAppId, ...workingAgain(pipeline) };
    await tx.connection.upsert({
      where: { shopId_id: { shopId: shop, id } },
      create: { shopId: shop, id, kind: 'pixel', ...data },
      update: data,
    });
    await clearAlertsOf(tx, pipeline.clock, { shopId: shop, subject: id });
    return id;
  });
  pipeline.bell.ring();
  return { kind: 'pixel_connected', connectionId: id, datasetId };
}
