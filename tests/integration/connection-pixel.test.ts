import { expect, test } from 'vitest';
import { connectPixel, type PixelForm } from '../../app/pipeline/connect-pixel.ts';
import { disconnectNumber } from '../../app/pipeline/connection.ts';
import { BUSINESS, idOf, openShop } from './connecting.ts';
import { dumpTables } from './database.ts';

const PIXEL = { datasetId: '300000000000001', token: 'EAApixel-token-of-the-tests' };

async function openPixel() {
  const world = await openShop();
  world.meta.addPixel(PIXEL);
  const connect = (change: Partial<PixelForm> = {}) =>
    connectPixel(world.pipeline, world.shop, { ...PIXEL, ...change });
  return { ...world, connect };
}

test('a pixel is connected once Meta has refused an event for its age alone', async () => {
  const world = await openPixel();
  expect(await world.connect()).toMatchObject({ kind: 'pixel_connected', datasetId: PIXEL.datasetId });
  expect(await world.stored()).toMatchObject([
    { kind: 'pixel', wabaId: null, phoneNumberId: null, displayNumber: null, state: 'active' },
  ]);
  expect(world.meta.accepted()).toEqual([]);
  expect(await dumpTables(world.databaseUrl)).not.toContain(PIXEL.token);
});

test('a shop has one pixel: another one takes its place, also after it was taken off', async () => {
  const world = await openPixel();
  const id = idOf(await world.connect());
  world.meta.addPixel({ datasetId: '300000000000002', token: PIXEL.token });
  expect(idOf(await world.connect({ datasetId: '300000000000002' }))).toBe(id);
  await disconnectNumber(world.pipeline, world.shop, id);
  await Promise.all([world.connect(), world.connect(), world.connect()]);
  expect(await world.stored()).toMatchObject([{ id, state: 'active', datasetId: PIXEL.datasetId }]);
});

test('a pixel and a number live side by side', async () => {
  const world = await openPixel();
  await world.fill();
  await world.connect();
  expect((await world.stored()).map(({ kind }) => kind).toSorted()).toEqual(['pixel', 'whatsapp']);
});

test.each<[string, Partial<PixelForm>, string, string]>([
  ['a name', { datasetId: 'pixel' }, 'datasetId', 'This ID must be digits only.'],
  ['no token', { token: '' }, 'token', 'This is not an access token.'],
  [
    'a token that Meta never gave',
    { token: 'EAAnever-issued-by-anybody' },
    'token',
    'Meta does not accept this access token.',
  ],
  [
    'an unknown ID',
    { datasetId: '999999999999999' },
    'datasetId',
    'Meta knows no such dataset, or this token may not see it.',
  ],
  ['a Page', { datasetId: '400500600700800' }, 'datasetId', 'This is the ID of a Facebook Page.'],
  [
    'the dataset of chats',
    { datasetId: BUSINESS.datasetId, token: BUSINESS.token },
    'datasetId',
    'This dataset does not take website events.',
  ],
])('%s instead of a pixel is named at its field', async (_, change, field, problem) => {
  const world = await openPixel();
  world.meta.addObject({ id: '400500600700800', type: 'Page', token: PIXEL.token });
  expect(await world.connect(change)).toMatchObject({ kind: 'invalid', problems: [{ field, problem }] });
  expect(await world.stored()).toEqual([]);
});

test('the dataset of a number of this shop is refused without asking Meta', async () => {
  const world = await openPixel();
  await world.fill();
  const asked = world.meta.requests().length;
  expect(await world.connect({ datasetId: BUSINESS.datasetId })).toMatchObject({
    kind: 'invalid',
    problems: [{ problem: 'This ID belongs to your WhatsApp account, which takes events from chats alone.' }],
  });
  expect(world.meta.requests()).toHaveLength(asked);
});

test('while Meta is away no pixel is connected', async () => {
  const world = await openPixel();
  await world.meta.close();
  expect(await world.connect()).toMatchObject({ kind: 'unreachable' });
});
