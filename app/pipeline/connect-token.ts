import type { ShopId } from '../domain/ids.ts';
import { subscribeApp } from '../platforms/meta/assets.ts';
import type { TokenFacts } from '../platforms/meta/tokens.ts';
import { isUuid } from '../storage/uuid.ts';
import { clearAlertsOf } from './alerts.ts';
import { checkAccount, checkDataset, checkNumber, checkToken } from './asset-check.ts';
import { isToken, WHERE } from './connect-form.ts';
import type { Finding } from './connect-mistake.ts';
import { UNREACHABLE } from './connect-number.ts';
import { checkPixel } from './connect-pixel.ts';
import { lockShop, sealer, workingAgain } from './connection.ts';
import type { Pipeline } from './context.ts';

export type TokenOutcome =
  | { kind: 'token_replaced' }
  /** What is wrong is always about the new token: everything else worked before. */
  | { kind: 'invalid_token'; problem: string; fix: string }
  | { kind: 'unreachable'; problem: string; fix: string }
  | { kind: 'not_found' };

/**
 * Gives a connection another token, once Meta has shown that the token reaches the same account and dataset. What waits
 * is sent with it, and a connection that was paused or lost works again.
 */
export async function replaceToken(
  pipeline: Pipeline,
  shop: ShopId,
  connectionId: string,
  token: string,
): Promise<TokenOutcome> {
  const where = { shopId: shop, id: connectionId, state: { not: 'disconnected' as const } };
  const connection = isUuid(connectionId) ? await pipeline.db.connection.findFirst({ where }) : null;
  if (connection === null) return { kind: 'not_found' };
  if (!isToken(token))
    return { kind: 'invalid_token', problem: 'This is not an access token.', fix: WHERE.token };
  const finding = await checkReach(pipeline, connection, token);
  switch (finding.kind) {
    case 'unreachable':
      return UNREACHABLE;
    case 'wrong':
      return { kind: 'invalid_token', problem: finding.problem, fix: finding.fix };
    case 'fine':
      break;
  }
  // It may be of another app than the old one, and an app that was removed has lost its subscription.
  if (connection.wabaId !== null) await subscribeApp(pipeline.graph, connection.wabaId, token);
  const replaced = await pipeline.db.$transaction(async (tx) => {
    await lockShop(tx, shop);
    const { count } = await tx.connection.updateMany({
      where,
      data: {
        token: sealer(pipeline, shop, connectionId)('token', token),
        tokenExpiresAt: finding.value?.expiresAt ?? null,
        // A token that somebody pasted is not the one of the sign-up.
        ...(connection.method === 'embedded_signup' && { method: 'token' as const }),
        ...workingAgain(pipeline),
      },
    });
    await clearAlertsOf(tx, pipeline.clock, { shopId: shop, subject: connectionId });
    return count > 0;
  });
  pipeline.bell.ring();
  return replaced ? { kind: 'token_replaced' } : { kind: 'not_found' };
}

type Reach = { wabaId: string | null; phoneNumberId: string | null; datasetId: string };

async function checkReach(
  pipeline: Pipeline,
  connection: Reach,
  token: string,
): Promise<Finding<TokenFacts | null, string>> {
  const live = await checkToken(pipeline, token);
  if (live.kind !== 'fine') return live;
  const { wabaId, phoneNumberId, datasetId } = connection;
  if (wabaId === null || phoneNumberId === null) {
    const pixel = await checkPixel(pipeline, { datasetId, token });
    return pixel.kind === 'fine' ? live : pixel;
  }
  const account = await checkAccount(pipeline, token, wabaId);
  if (account.kind !== 'fine') return account;
  const { numbers } = account.value;
  if (numbers !== null) {
    const number = await checkNumber(pipeline, { token, phoneNumberId, numbers });
    if (number.kind !== 'fine') return number;
  }
  const dataset = await checkDataset(pipeline, { token, wabaId, datasetId, facts: live.value });
  return dataset.kind === 'fine' ? live : dataset;
}
