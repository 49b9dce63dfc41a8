import { expect, test } from 'vitest';
import { disconnectNumber } from '../../app/pipeline/connection.ts';
import { idOf, openShop, OWN_APP, BUSINESS, type World } from './connecting.ts';

const SECOND = BUSINESS.phoneNumbers[1]?.id ?? '';
const unsubscribed = ({ meta }: World) =>
  meta.requests().filter(({ method, path }) => method === 'DELETE' && path.endsWith('/subscribed_apps'))
    .length;
const off = ({ pipeline, shop }: World, id: string) => disconnectNumber(pipeline, shop, id);

test('with the last number of an account the shared app’s subscription ends', async () => {
  const world = await openShop();
  const one = idOf(await world.fill());
  const two = idOf(await world.fill({ phoneNumberId: SECOND }));
  expect(await off(world, one)).toEqual({ kind: 'disconnected', stillSubscribed: false });
  expect(unsubscribed(world)).toBe(0);
  expect(await off(world, two)).toEqual({ kind: 'disconnected', stillSubscribed: false });
  expect(unsubscribed(world)).toBe(1);
});

test('another app’s subscription stays', async () => {
  const world = await openShop({ appId: OWN_APP.id });
  await off(world, idOf(await world.fill({ appSecret: OWN_APP.secret })));
  await off(world, idOf(await world.fill()));
  expect(unsubscribed(world)).toBe(0);
});

test('when Meta does not end it that is said, and the number is off all the same', async () => {
  const world = await openShop();
  const id = idOf(await world.fill());
  world.meta.revokeToken(BUSINESS.token);
  expect(await off(world, id)).toEqual({ kind: 'disconnected', stillSubscribed: true });
  expect(await world.stored()).toMatchObject([{ state: 'disconnected', token: '' }]);
});
