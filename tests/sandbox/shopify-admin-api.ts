import type { IncomingMessage, ServerResponse } from 'node:http';
import { API_VERSION, answerGraphql } from './graphql.ts';
import { readBody, sendJson } from './loopback-server.ts';
import { answerTokenRequest } from './shopify-oauth.ts';
import { isLiveToken } from './shopify-shop.ts';
import type { GraphqlCall } from './graphql.ts';
import type { TokenRequest } from './shopify-oauth.ts';
import type { PretendShop } from './shopify-shop.ts';

export type ShopifyFault = 'throttled' | 'refresh_400' | 'server_error' | 'hang';
/** Everything the pretend Shopify knows and has seen. */
export type ShopifyState = {
  apiKey: string;
  apiSecret: string;
  now: () => Date;
  appUrl: string | null;
  shops: Map<string, PretendShop>;
  tokenRequests: TokenRequest[];
  graphqlCalls: GraphqlCall[];
  faults: ShopifyFault[];
};
type ApiCall = { shop: PretendShop; request: IncomingMessage; response: ServerResponse; body: string };

const MAX_BODY_BYTES = 1024 * 1024;

/** Answers what an app's server calls on a shop's own domain: the token endpoint and the Admin GraphQL API. */
export async function answerApi(
  state: ShopifyState,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const read = await readBody(request, MAX_BODY_BYTES);
  if (read.kind === 'too_large') return sendJson(response, 413, { errors: 'Payload Too Large' });
  if (takeFault(state, 'hang')) return;
  if (takeFault(state, 'server_error')) return sendJson(response, 500, { errors: 'Internal Server Error' });
  const shop = state.shops.get(String(request.headers['x-pretend-shop']));
  if (!shop || request.method !== 'POST') return sendJson(response, 404, { errors: 'Not Found' });
  const call = { shop, request, response, body: read.bytes.toString('utf8') };
  if (path === '/admin/oauth/access_token') return answerToken(state, call);
  if (path === `/admin/api/${API_VERSION}/graphql.json`) return answerQuery(state, call);
  sendJson(response, 404, { errors: 'Not Found' });
}

function answerToken(state: ShopifyState, { shop, response, body }: ApiCall): void {
  const { apiKey, apiSecret } = state;
  const at = state.now();
  const answer = answerTokenRequest({
    shop,
    body,
    apiKey,
    apiSecret,
    now: at,
    refuseRefresh: () => takeFault(state, 'refresh_400'),
  });
  const { grant, status, error } = answer;
  state.tokenRequests.push({ grant, shop: shop.domain, at, status, error });
  sendJson(response, status, answer.body);
}

function answerQuery(state: ShopifyState, { shop, request, response, body }: ApiCall): void {
  const token = request.headers['x-shopify-access-token'];
  const now = state.now();
  if (!isLiveToken(shop, typeof token === 'string' ? token : undefined, now)) {
    const errors = '[API] Invalid API key or access token (unrecognized login or wrong password)';
    return sendJson(response, 401, { errors });
  }
  const answer = answerGraphql({ shop, body, now, throttled: takeFault(state, 'throttled') });
  state.graphqlCalls.push({ operation: answer.operation, shop: shop.domain });
  sendJson(response, answer.status, answer.body);
}

function takeFault(state: ShopifyState, kind: ShopifyFault): boolean {
  const index = state.faults.indexOf(kind);
  if (index >= 0) state.faults.splice(index, 1);
  return index >= 0;
}
