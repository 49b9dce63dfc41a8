import { invalidParameter, unsupportedRequest } from './graph-error.ts';
import { readList, readNode } from './graph-node.ts';
import { datasetOf } from './graph-state.ts';
import { isRecord } from './json-value.ts';
import type { GraphAnswer } from './graph-error.ts';
import type { GraphNode } from './graph-node.ts';
import type { ObjectCall } from './graph-objects.ts';
import type { GraphState, KnownBusiness, KnownPhone, Subscription } from './graph-state.ts';

const DONE: GraphAnswer = { status: 200, body: { success: true } };

/** Answers for a WhatsApp Business Account and its edges; `appId`: the app that the token belongs to. */
export function answerAccount(
  state: GraphState,
  appId: string,
  business: KnownBusiness,
  call: ObjectCall,
): GraphAnswer {
  const { method, edge, query } = call;
  switch (`${method} ${edge ?? ''}`) {
    case 'GET ':
      return readNode(accountNode(business), query);
    case 'GET phone_numbers':
      return readList(business.phoneNumbers.map(phoneNode), query, `/${business.wabaId}/phone_numbers`);
    case 'GET dataset':
      return { status: 200, body: { data: business.datasetId === null ? [] : [{ id: business.datasetId }] } };
    case 'POST dataset':
      return { status: 200, body: { id: datasetOf(state, business) } };
    case 'GET subscribed_apps':
      return { status: 200, body: { data: [...business.subscriptions.values()].map(subscribedApp(state)) } };
    case 'POST subscribed_apps':
      return subscribe(business, appId, call.body);
    case 'DELETE subscribed_apps':
      business.subscriptions.delete(appId);
      return DONE;
    default:
      return edge !== null && method === 'GET'
        ? invalidParameter(
            `Tried accessing nonexisting field (${edge}) on node type (WhatsAppBusinessAccount)`,
          )
        : unsupportedRequest(method, call.objectId);
  }
}

export function phoneNode(phone: KnownPhone): GraphNode {
  const { displayNumber, verifiedName, ...fields } = phone;
  return {
    type: 'WhatsAppBusinessPhoneNumber',
    values: { ...fields, display_phone_number: displayNumber, verified_name: verifiedName },
    defaults: [
      'verified_name',
      'code_verification_status',
      'display_phone_number',
      'quality_rating',
      'platform_type',
      'throughput',
      'id',
    ],
  };
}

function accountNode(business: KnownBusiness): GraphNode {
  const name = business.phoneNumbers[0]?.verifiedName ?? 'WhatsApp Business Account';
  const values = { id: business.wabaId, name, owner_business_info: { id: business.businessId, name } };
  return { type: 'WhatsAppBusinessAccount', values, defaults: ['id', 'name'] };
}

// A POST without a body removes the override
// (developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/override).
function subscribe(business: KnownBusiness, appId: string, body: unknown): GraphAnswer {
  const given = isRecord(body) ? body : {};
  const { override_callback_uri: callback, verify_token: verifyToken } = given;
  if (callback !== undefined && (typeof callback !== 'string' || callback.length > 200)) {
    return invalidParameter('Param override_callback_uri is not valid.');
  }
  if (verifyToken !== undefined && typeof verifyToken !== 'string') {
    return invalidParameter('Param verify_token must be a string.');
  }
  business.subscriptions.set(appId, {
    appId,
    overrideCallback: callback ?? null,
    verifyToken: callback === undefined ? null : (verifyToken ?? null),
  });
  return DONE;
}

function subscribedApp(state: GraphState): (subscription: Subscription) => object {
  return ({ appId, overrideCallback }) => ({
    whatsapp_business_api_data: {
      id: appId,
      name: state.apps.get(appId)?.name,
      link: `https://www.facebook.com/games/?app_id=${appId}`,
    },
    ...(overrideCallback !== null && { override_callback_uri: overrideCallback }),
  });
}
