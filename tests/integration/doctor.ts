import type { CheckRow } from '../../app/pipeline/doctor.ts';
import type { OpenAdmin } from '../../app/pipeline/admin-access.ts';
import { SHOPIFY_SCOPES } from '../../app/platforms/shopify/admin-checks.ts';
import type { AdminAnswer, AdminClient } from '../../app/platforms/shopify/admin-client.ts';
import type { Business } from '../sandbox/graph-state.ts';
import type { ConnectOptions, Connection, Tieback } from './tieback.ts';

type Over = Partial<Pick<Business, 'canManage' | 'expiresAt'>> & ConnectOptions;

/** Connects a number at which nothing is missing: Meta also sends its chats to the shared app. */
export async function connectWell(tieback: Tieback, over: Over = {}): Promise<Connection> {
  const { canManage, expiresAt, ...options } = over;
  const number = await tieback.connect(options);
  const { wabaId, token, datasetId, phoneNumberId: id, displayNumber } = number;
  tieback.meta.addBusiness({
    wabaId,
    token,
    datasetId,
    phoneNumbers: [{ id, displayNumber, verifiedName: 'Loja Exemplo' }],
    appSubscribed: true,
    ...(canManage !== undefined && { canManage }),
    ...(expiresAt !== undefined && { expiresAt }),
  });
  return number;
}

/** Each check of a subject with its result. */
export function resultsOf(rows: readonly CheckRow[], subject: string): Record<string, string> {
  return Object.fromEntries(
    rows.filter((row) => row.subject === subject).map(({ name, result }) => [name, result]),
  );
}

/** Shopify's Admin API that grants these scopes and gives an order's customer, or says why it does not. */
export function shopAnswers(over: { scopes?: readonly string[]; customers?: string } = {}): OpenAdmin {
  const { scopes = SHOPIFY_SCOPES, customers = null } = over;
  const client: AdminClient = ({ query, data }) => {
    const orders = query.includes('orders(');
    if (orders && customers !== null) return Promise.resolve({ kind: 'refused', problem: customers });
    const body = orders
      ? { orders: { nodes: [{ id: 'gid://shopify/Order/1', phone: '+5511986654321', customer: null }] } }
      : { currentAppInstallation: { accessScopes: scopes.map((handle) => ({ handle })) } };
    const answer: AdminAnswer<never> | AdminAnswer<ReturnType<typeof data.parse>> = {
      kind: 'answered',
      data: data.parse(body),
    };
    return Promise.resolve(answer);
  };
  return () => Promise.resolve({ kind: 'open', client });
}
