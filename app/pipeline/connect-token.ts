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
  /** What is wrong is about the new token: everything else worked before. */
  | { kind: 'invalid_token'; problem: string; fix: string }
  | { kind: 'unreachable'; problem: string; fix: string }
  | { kind: 'not_found' };

const CHANGED: TokenOutcome = {
  kind: 'invalid_token',
  problem: 'The connection was changed while the token was checked, so nothing was saved.',
  fix: 'Load the page again, and replace the token if it is still needed.',
};

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
  const { wabaId, datasetId, token: before } = connection;
  // It may be of another app than the old one, and an app that was removed has lost its subscription.
  if (wabaId !== null) await subscribeApp(pipeline.graph, wabaId, token);
  const replaced = await pipeline.db.$transaction(async (tx) => {
    await lockShop(tx, shop);
    const { count } = await tx.connection.updateMany({
      // What was proven is proven of these alone.
      where: { ...where, wabaId, datasetId, token: before },
      data: {
        token: sealer(pipeline, shop, connectionId)('token', token),
        tokenExpiresAt: finding.value?.expiresAt ?? null,
        tokenAppId: finding.value?.appId ?? null,
        // A token that somebody pasted is not the one of the sign-up.
        ...(connection.method === 'embedded_signup' && { method: 'token' as const }),
        ...workingAgain(pipeline),
      },
    });
    if (count > 0) await clearAlertsOf(tx, pipeline.clock, { shopId: shop, subject: connectionId });
    return count > 0;
  });
  if (!replaced) return CHANGED;
  pipeline.bell.ring();
  return { kind: 'token_replaced' };
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
