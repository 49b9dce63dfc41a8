import { graphError, unsupportedRequest } from './graph-error.ts';
import { datasetOf } from './graph-business.ts';
import { isRecord } from './json-value.ts';
import type { GraphAnswer } from './graph-error.ts';
import type { GraphState, KnownBusiness, PhoneNumber, TokenRecord } from './graph-business.ts';

export type GraphCall = {
  method: string;
  objectId: string;
  edge: string | null;
  fields: string[] | null;
  body: unknown;
};
type Node = { type: string; values: Record<string, unknown>; defaults: string[] };

// The one Meta app that every token of the sandbox belongs to.
const SUBSCRIBER = { id: '670843887433847', name: 'Tieback', link: 'https://www.facebook.com/' };

/** Answers for the objects around a WhatsApp Business Account: the account, its numbers, dataset and app subscription. */
export function answerObject(state: GraphState, token: TokenRecord, call: GraphCall): GraphAnswer {
  const wabaId = state.businesses.has(call.objectId) ? call.objectId : state.wabaOfPhone.get(call.objectId);
  const business = wabaId === undefined ? undefined : state.businesses.get(wabaId);
  const right = wabaId === undefined ? undefined : token.businesses.get(wabaId);
  if (!business || !right) return unsupportedRequest(call.method, call.objectId);
  // An Events Manager token lacks whatsapp_business_management.
  if (!right.canManage) return graphError({ status: 403, code: 200, message: '(#200) Permissions error' });
  if (call.objectId === business.wabaId) return answerAccount(state, business, call);
  const phone = business.phoneNumbers.find(({ id }) => id === call.objectId);
  if (!phone || call.method !== 'GET' || call.edge !== null)
    return unsupportedRequest(call.method, call.objectId);
  return readFields(phoneNode(phone), call.fields);
}

function answerAccount(state: GraphState, business: KnownBusiness, call: GraphCall): GraphAnswer {
  switch (`${call.method} ${call.edge ?? ''}`) {
    case 'GET ':
      return readFields(accountNode(business), call.fields);
    case 'GET phone_numbers':
      return readList(business.phoneNumbers.map(phoneNode), call.fields);
    case 'GET dataset':
      return { status: 200, body: { data: business.datasetId === null ? [] : [{ id: business.datasetId }] } };
    case 'POST dataset':
      return { status: 200, body: { id: datasetOf(state, business) } };
    case 'GET subscribed_apps':
      return { status: 200, body: { data: business.appSubscribed ? [subscription(business)] : [] } };
    case 'POST subscribed_apps':
      return subscribe(business, call.body);
    case 'DELETE subscribed_apps':
      business.appSubscribed = false;
      business.overrideCallback = null;
      return { status: 200, body: { success: true } };
    default:
      return unsupportedRequest(call.method, call.objectId);
  }
}

// A POST without a body removes the override (developers.facebook.com/docs/whatsapp/embedded-signup/webhooks/override).
function subscribe(business: KnownBusiness, body: unknown): GraphAnswer {
  const callback = isRecord(body) ? body['override_callback_uri'] : undefined;
  if (callback !== undefined && (typeof callback !== 'string' || callback.length > 200)) {
    return graphError({
      status: 400,
      code: 100,
      message: '(#100) Param override_callback_uri is not valid.',
    });
  }
  business.appSubscribed = true;
  business.overrideCallback = callback ?? null;
  return { status: 200, body: { success: true } };
}

function subscription(business: KnownBusiness): Record<string, unknown> {
  return {
    whatsapp_business_api_data: SUBSCRIBER,
    ...(business.overrideCallback === null ? {} : { override_callback_uri: business.overrideCallback }),
  };
}

function accountNode(business: KnownBusiness): Node {
  const name = business.phoneNumbers[0]?.verifiedName ?? 'WhatsApp Business Account';
  return { type: 'WhatsAppBusinessAccount', values: { id: business.wabaId, name }, defaults: ['id', 'name'] };
}

function phoneNode(phone: PhoneNumber): Node {
  return {
    type: 'WhatsAppBusinessPhoneNumber',
    values: {
      id: phone.id,
      display_phone_number: phone.displayNumber,
      verified_name: phone.verifiedName,
      quality_rating: 'GREEN',
      code_verification_status: 'VERIFIED',
      platform_type: 'CLOUD_API',
      is_on_biz_app: false,
    },
    defaults: ['verified_name', 'code_verification_status', 'display_phone_number', 'quality_rating', 'id'],
  };
}

function readFields(node: Node, fields: string[] | null): GraphAnswer {
  const wanted = fields ?? node.defaults;
  const missing = wanted.find((field) => !(field in node.values));
  if (missing !== undefined) {
    const message = `(#100) Tried accessing nonexisting field (${missing}) on node type (${node.type})`;
    return graphError({ status: 400, code: 100, message });
  }
  // Graph always adds the id.
  const names = [...new Set([...wanted, 'id'])];
  return { status: 200, body: Object.fromEntries(names.map((name) => [name, node.values[name]])) };
}

function readList(nodes: Node[], fields: string[] | null): GraphAnswer {
  const answers = nodes.map((node) => readFields(node, fields));
  return (
    answers.find(({ status }) => status !== 200) ?? {
      status: 200,
      body: { data: answers.map(({ body }) => body) },
    }
  );
}
