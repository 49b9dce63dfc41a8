import { answerAccount, phoneNode } from './graph-account.ts';
import { graphError, invalidParameter, unsupportedRequest } from './graph-error.ts';
import { readNode } from './graph-node.ts';
import type { GraphAnswer } from './graph-error.ts';
import type { GraphNode } from './graph-node.ts';
import type { GraphState, MetaApp, TokenRecord } from './graph-state.ts';
import type { Bearer } from './graph-token.ts';

export type ObjectCall = {
  method: string;
  objectId: string;
  edge: string | null;
  query: URLSearchParams;
  body: unknown;
};

/** Answers for every object that has an id: accounts and numbers with their edges, all else by what it is. */
export function answerObject(state: GraphState, by: Bearer, call: ObjectCall): GraphAnswer {
  if (call.objectId === 'me' && by.kind === 'app') {
    const message = 'An active access token must be used to query information about the current user.';
    return graphError({ status: 400, code: 2500, message });
  }
  const node = publicNode(state, by, call.objectId);
  if (node) return readOnly(node, call);
  if (by.kind === 'app') return unsupportedRequest(call.method, call.objectId);
  return answerBusiness(state, by.record, call) ?? answerOther(state, by.record, call);
}

/** Answers about a WhatsApp Business Account that the token was given, or a number of it; null for all else. */
function answerBusiness(state: GraphState, token: TokenRecord, call: ObjectCall): GraphAnswer | null {
  const wabaId = state.businesses.has(call.objectId) ? call.objectId : state.wabaOfPhone.get(call.objectId);
  const business = state.businesses.get(wabaId ?? '');
  const right = token.businesses.get(wabaId ?? '');
  if (!business || !right) return null;
  // An Events Manager token lacks whatsapp_business_management.
  if (!right.canManage) return graphError({ status: 403, code: 200, message: '(#200) Permissions error' });
  if (call.objectId === business.wabaId) return answerAccount(state, token.appId, business, call);
  const phone = business.phoneNumbers.find(({ id }) => id === call.objectId);
  return phone ? readOnly(phoneNode(phone), call) : null;
}

function answerOther(state: GraphState, token: TokenRecord, call: ObjectCall): GraphAnswer {
  const node = ownNode(state, token, call.objectId);
  return node ? readOnly(node, call) : unsupportedRequest(call.method, call.objectId);
}

function publicNode(state: GraphState, by: Bearer, id: string): GraphNode | null {
  if (id === 'me' && by.kind === 'user') return named('User', by.record.userId, 'Conversions System User');
  const own = by.kind === 'app' ? by.app.id : by.record.appId;
  const app = state.apps.get(id === 'app' ? own : id);
  return app ? appNode(app) : null;
}

function ownNode(state: GraphState, token: TokenRecord, id: string): GraphNode | null {
  const object = token.objects.has(id) ? state.objects.get(id) : undefined;
  if (object) return named(object.type, id, object.name ?? object.type);
  const wabaId = state.wabaOfDataset.get(id);
  // Meta keeps every dataset as a pixel.
  if (wabaId !== undefined && token.businesses.has(wabaId)) return named('AdsPixel', id, 'Conversions');
  const owned = [...token.businesses.keys()].some((waba) => state.businesses.get(waba)?.businessId === id);
  return owned ? named('Business', id, 'Portfolio') : null;
}

function appNode({ id, name }: MetaApp): GraphNode {
  const link = `https://www.facebook.com/games/?app_id=${id}`;
  return { type: 'Application', values: { id, name, link }, defaults: ['id', 'name', 'link'] };
}

function named(type: string, id: string, name: string): GraphNode {
  return { type, values: { id, name }, defaults: ['id', 'name'] };
}

function readOnly(node: GraphNode, call: ObjectCall): GraphAnswer {
  if (call.method !== 'GET') return unsupportedRequest(call.method, call.objectId);
  if (call.edge !== null) {
    return invalidParameter(`Tried accessing nonexisting field (${call.edge}) on node type (${node.type})`);
  }
  return readNode(node, call.query);
}
