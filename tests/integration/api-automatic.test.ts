import { expect, test } from 'vitest';
import { captureBatch } from '../../app/pipeline/capture.ts';
import { automaticEvent } from '../sandbox/pretend-whatsapp.ts';
import { openApi, type Api } from './api.ts';
import { CLICK_ID, START } from './tieback.ts';

const MINUTE_MS = 60_000;
const ACCOUNT = {
  wabaId: '102290129340398',
  phoneNumberId: '106540352242922',
  displayNumber: '+55 11 91234-5678',
};

/** Meta tells of a purchase that it saw in Maria's chat. */
async function detect({ tieback }: Api, messageId = 'wamid.auto', minutes = -3): Promise<void> {
  const at = new Date(START.getTime() + minutes * MINUTE_MS);
  const seen = { messageId, at, clid: CLICK_ID, eventName: 'Purchase' as const };
  await tieback.sendWhatsApp(automaticEvent({ ...ACCOUNT, ...seen, currency: 'BRL', value: 129.9 }));
  await captureBatch(tieback.pipeline);
}

const detected = ({ tieback }: Api) =>
  tieback.pipeline.db.automaticEvent.findMany({ orderBy: { key: 'asc' }, select: { orderGid: true } });
/** What each sale over the API is about, in the sequence in which they were told. */
async function subjects({ tieback }: Api): Promise<string[]> {
  const rows = await tieback.pipeline.db.conversionEvent.findMany({
    orderBy: { id: 'asc' },
    select: { subject: true },
  });
  return rows.map(({ subject }) => subject);
}
const KEPT_BACK = { state: 'withheld', reason: 'reported_automatically' };

test('a purchase that Meta saw itself is not told a second time, and each stands for one', async () => {
  const api = await openApi();
  await detect(api);
  expect(await api.report()).toMatchObject({ status: 201, body: KEPT_BACK });
  expect(await api.report()).toMatchObject({ status: 201, body: { state: 'queued' } });
  expect(await detected(api)).toEqual([{ orderGid: (await subjects(api))[0] }]);
  await api.tieback.work();
  expect(api.tieback.meta.accepted()).toHaveLength(1);
});

test('one that stands for a sale over the API keeps back no order besides', async () => {
  const api = await openApi();
  await detect(api);
  await api.report();
  await api.tieback.pay();
  await api.tieback.work();
  expect(await api.tieback.pipeline.db.order.findMany()).toMatchObject([{ decision: 'report' }]);
});

test('a queued purchase is withdrawn when Meta tells of it later; one that was sent stays', async () => {
  const api = await openApi();
  const sent = await api.report();
  await api.tieback.work();
  const queued = await api.report();
  await detect(api, 'wamid.1');
  await detect(api, 'wamid.2');
  expect((await api.ask(String(sent.body['id']))).body).toMatchObject({ state: 'reported' });
  expect((await api.ask(String(queued.body['id']))).body).toMatchObject(KEPT_BACK);
  const stoodFor = (await detected(api)).map(({ orderGid }) => orderGid);
  expect(stoodFor.toSorted()).toEqual((await subjects(api)).toSorted());
  await api.tieback.work();
  expect(api.tieback.meta.accepted()).toHaveLength(1);
});

test('neither a purchase of another week nor another event of the chat is taken for it, nor where the shop says so', async () => {
  const api = await openApi();
  await detect(api, 'wamid.old', -4 * 24 * 60);
  expect(await api.report()).toMatchObject({ body: { state: 'queued' } });
  await detect(api);
  await api.set({ automaticEvents: 'report' });
  expect(await api.report()).toMatchObject({ body: { state: 'queued' } });
});
