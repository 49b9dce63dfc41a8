import { day } from './doctor.ts';
import { say, type Finding } from './doctor-words.ts';

/** What came of one question to Shopify. */
export type AskedShop<T> =
  | { kind: 'found'; value: T }
  | { kind: 'refused'; problem: string }
  | { kind: 'no_answer' }
  /** There is no session to ask with. */
  | { kind: 'no_access' };

/** What was seen of a store. */
export type ShopObservation = {
  /** The scopes that the app asks for, and those that it has. */
  wanted: readonly string[];
  granted: AskedShop<readonly string[]>;
  /** Whether there is an order whose customer and phone number Shopify gives. */
  customers: AskedShop<'shown' | 'no_orders'>;
  /** Whether the details of the latest stored order's customer were hidden. */
  hidden: boolean;
  /** The latest delivery of the last 7 days. */
  lastDeliveryAt: Date | null;
  /** Orders paid in the last 7 days that no delivery told of. */
  missed: number;
  channelsChosen: boolean;
};

/** All checks of a store, in the sequence of the table. */
export function judgeShop(seen: ShopObservation): Finding[] {
  return [shopifyScopes(seen), protectedData(seen), shopifyWebhooks(seen), channelsChosen(seen)];
}

function shopifyScopes({ wanted, granted }: ShopObservation): Finding {
  if (granted.kind === 'refused') return say('shopify_scopes', 'refused', { problem: granted.problem });
  if (granted.kind !== 'found') return say('shopify_scopes', granted.kind);
  const has = new Set(granted.value);
  const missing = wanted.filter((scope) => !has.has(scope) && !has.has(scope.replace('read_', 'write_')));
  return missing.length === 0
    ? say('shopify_scopes', 'granted')
    : say('shopify_scopes', 'missing', { scopes: missing.join(', ') });
}

function protectedData({ customers, hidden }: ShopObservation): Finding {
  if (customers.kind === 'refused') return say('protected_data', 'refused', { problem: customers.problem });
  if (hidden) return say('protected_data', 'hidden');
  return say('protected_data', customers.kind === 'found' ? customers.value : customers.kind);
}

function shopifyWebhooks({ lastDeliveryAt, missed }: ShopObservation): Finding {
  if (missed > 0) {
    return say('shopify_webhooks', 'missed', { orders: missed === 1 ? '1 order' : `${missed} orders` });
  }
  return lastDeliveryAt === null
    ? say('shopify_webhooks', 'silent')
    : say('shopify_webhooks', 'recent', { date: day(lastDeliveryAt) });
}

function channelsChosen({ channelsChosen: chosen }: ShopObservation): Finding {
  return say('channels_chosen', chosen ? 'chosen' : 'not_chosen');
}
