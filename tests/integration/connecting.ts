import type { ShopId } from '../../app/domain/ids.ts';
import type { ConnectionForm } from '../../app/pipeline/connect-form.ts';
import { connectNumber } from '../../app/pipeline/connect-number.ts';
import { shopOf } from '../../app/pipeline/shop.ts';
import type { Business } from '../sandbox/pretend-meta.ts';
import { openTieback, SHOP, type Tieback } from './tieback.ts';

/** A business at Meta with two numbers, whose token may do everything. */
export const BUSINESS = {
  wabaId: '102290129340398',
  phoneNumbers: [
    { id: '106540352242922', displayNumber: '+55 11 91234-5678', verifiedName: 'Loja Exemplo' },
    { id: '106540352242923', displayNumber: '+55 11 93333-4444', verifiedName: 'Loja Exemplo 2' },
  ],
  token: 'EAAtoken-of-the-tests',
  datasetId: '774400112233445',
};
export const FORM: ConnectionForm = {
  wabaId: BUSINESS.wabaId,
  phoneNumberId: '106540352242922',
  token: BUSINESS.token,
  displayNumber: null,
  datasetId: null,
  appSecret: null,
};
/** The merchant's own Meta app. */
export const OWN_APP = { id: '511223344556677', secret: 'secret-of-the-merchants-app', name: 'Loja App' };
export const OTHER_SHOP = 'outra-loja.myshopify.com';

export type World = Tieback & {
  shop: ShopId;
  fill(change?: Partial<ConnectionForm>): ReturnType<typeof connectNumber>;
  stored(): ReturnType<Tieback['pipeline']['db']['connection']['findMany']>;
};

/** A shop without a number, and a business at Meta that its owner may connect. */
export async function openShop(
  business: Partial<Business> = {},
  options?: Parameters<typeof openTieback>[0],
): Promise<World> {
  const tieback = await openTieback(options);
  tieback.meta.addApp(OWN_APP);
  tieback.meta.addBusiness({ ...BUSINESS, ...business });
  const shop = (await shopOf(tieback.pipeline, SHOP)).id as ShopId;
  const fill = (change: Partial<ConnectionForm> = {}) =>
    connectNumber(tieback.pipeline, shop, { ...FORM, ...change });
  const stored = () => tieback.pipeline.db.connection.findMany({ orderBy: { createdAt: 'asc' } });
  return { ...tieback, shop, fill, stored };
}

/** The id of a connection that must have come about. */
export function idOf(outcome: { kind: string }): string {
  if ('connectionId' in outcome && typeof outcome.connectionId === 'string') return outcome.connectionId;
  throw new Error(`not connected: ${JSON.stringify(outcome)}`);
}
