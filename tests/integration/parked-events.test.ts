import { expect, test } from 'vitest';
import type { ShopId } from '../../app/domain/ids.ts';
import { unparkEvent } from '../../app/pipeline/parked-events.ts';
import { acceptedBy, bought, changeSettings, eventsOf, orderOf, tell } from './linking.ts';
import { addSales, numbered, requestSizes, statesOf } from './sales.ts';
import { openTieback, type Connection, type Tieback } from './tieback.ts';

const PARKED = { state: 'withheld', reason: 'event_name_parked' } as const;

async function openShop(): Promise<{ tieback: Tieback; connection: Connection }> {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await tieback.tapAd();
  await tieback.work();
  return { tieback, connection };
}

const parkedOf = async ({ pipeline }: Tieback): Promise<string[]> =>
  (await pipeline.db.connection.findFirstOrThrow()).parkedEvents;
const unpark = (
  { pipeline }: Tieback,
  { shopId, connectionId }: Connection,
  name: 'OrderCreated' | 'Purchase',
) => unparkEvent(pipeline, shopId, connectionId, name);

const placed = (id: number) => ({ ...bought(id), financial_status: 'pending' });

test('a name that Meta refuses is parked: the one event is refused, later ones are withheld, others go on', async () => {
  const { tieback, connection } = await openShop();
  await changeSettings(tieback, connection, { reportOrderCreated: true });
  tieback.meta.refuseEventName('OrderCreated');
  await tell(tieback, 'orders/create', placed(1));
  await tieback.work();
  expect(await eventsOf(tieback)).toMatchObject([
    { state: 'refused', reason: 'refused_event_name', errorCode: '100/2804066' },
  ]);
  expect(await parkedOf(tieback)).toEqual(['OrderCreated']);

  await tell(tieback, 'orders/create', placed(2));
  await tieback.pay(bought(3));
  await tieback.work();
  expect(acceptedBy(tieback)).toEqual(['shopify:order:3:Purchase']);
  expect(await eventsOf(tieback)).toHaveLength(2);
});

test('of a thousand events with a name that Meta refuses one stands for all', async () => {
  const { tieback, connection } = await openShop();
  await addSales(tieback, connection, numbered(1_000));
  tieback.meta.refuseEventName('Purchase');
  await tieback.work();
  expect(await statesOf(tieback)).toEqual({ refused: 1, withheld: 999 });
  expect(requestSizes(tieback.meta)).toEqual([1000, 500, 250, 125, 63, 32, 16, 8, 4, 2, 1]);
  expect(await parkedOf(tieback)).toEqual(['Purchase']);
});

test('what was due then or is due later is withheld without a request', async () => {
  const { tieback, connection } = await openShop();
  await addSales(tieback, connection, numbered(2));
  const [, waiting] = await eventsOf(tieback);
  await tieback.pipeline.db.conversionEvent.updateMany({
    where: { id: waiting?.id ?? '' },
    data: { nextAttemptAt: new Date('2026-11-18T14:00:00Z') },
  });
  tieback.meta.refuseEventName('Purchase');
  await tieback.work();
  expect(await eventsOf(tieback)).toMatchObject([{ state: 'refused' }, PARKED]);
  await addSales(tieback, connection, [{ id: 3 }]);
  await tieback.work();
  expect(await eventsOf(tieback)).toMatchObject([{ state: 'refused' }, PARKED, PARKED]);
  expect(requestSizes(tieback.meta)).toEqual([1]);
});

test('an order whose Purchase is parked is withheld, and told once a person has the name tried again', async () => {
  const { tieback, connection } = await openShop();
  await addSales(tieback, connection, numbered(2));
  tieback.meta.refuseEventName('Purchase');
  await tieback.work();
  await tieback.pay(bought(7));
  await tieback.work();
  expect(await orderOf(tieback, 7)).toMatchObject({ decision: 'withheld', reason: 'event_name_parked' });

  tieback.meta.takeEventName('Purchase');
  expect(await unpark(tieback, connection, 'Purchase')).toEqual({ kind: 'unparked', events: 1 });
  expect(await parkedOf(tieback)).toEqual([]);
  await tieback.work();
  expect(acceptedBy(tieback)).toEqual(['shopify:order:2:Purchase', 'shopify:order:7:Purchase']);
  expect(await unpark(tieback, connection, 'Purchase')).toEqual({ kind: 'not_parked' });
});

test('nobody unparks the names of another shop’s connection', async () => {
  const { tieback, connection } = await openShop();
  const other = { ...connection, shopId: (connection.shopId + 1) as ShopId };
  expect(await unpark(tieback, other, 'Purchase')).toEqual({ kind: 'not_found' });
  expect(await unpark(tieback, { ...connection, connectionId: 'nonsense' as never }, 'Purchase')).toEqual({
    kind: 'not_found',
  });
});
