import { expect, test } from 'vitest';
import type { ContactId } from '../../app/domain/ids.ts';
import type { Settings } from '../../app/domain/settings.ts';
import { DEFAULT_SETTINGS } from '../../app/domain/settings.ts';
import { tellSignals, type ChatSignal, type SignalOutcome } from '../../app/pipeline/chat-signal.ts';
import { holdContacts } from '../../app/pipeline/contacts.ts';
import { shopFacts } from '../../app/pipeline/shop.ts';
import { bought, CHECKOUT, contactOf } from './linking.ts';
import { withChats } from './chats.ts';
import { CLICK_ID, openTieback, START } from './tieback.ts';

const OFF = { kind: 'withheld', reason: 'reporting_off' };

async function withSignals(
  settings: Partial<Settings> = { reportQualifiedLead: true, reportRatingProvided: true },
) {
  const { tieback, maria, joao } = await withChats(await openTieback());
  const { pipeline } = tieback;
  const row = await pipeline.db.shop.findFirstOrThrow();
  const shop = { ...shopFacts(row), settings: { ...DEFAULT_SETTINGS, ...settings } };
  const signal = (fields: Partial<ChatSignal> = {}): ChatSignal => ({
    ...{ shop, contactId: maria, eventName: 'QualifiedLead', source: 'api', subject: 'api:1', at: START },
    ...{ draft: { customer: {} }, value: null, eventId: 'crm:1' },
    ...fields,
  });
  const tell = (...signals: ChatSignal[]): Promise<SignalOutcome[]> =>
    pipeline.db.$transaction(async (tx) => {
      await holdContacts(tx, [shop.id], 'shared');
      return tellSignals(pipeline, tx, signals);
    });
  return { tieback, maria, joao, signal, tell };
}

test('what is told is answered in its sequence, each with its row or why there is none', async () => {
  const { tieback, joao, signal, tell } = await withSignals();
  await tieback.pipeline.db.referral.updateMany({ where: { contactId: joao }, data: { sourceType: 'post' } });
  const value = { amount: '99.90', currency: 'BRL' };
  const outcomes = await tell(
    signal({ contactId: joao, subject: 'api:2' }),
    signal({ value }),
    signal({ eventName: 'RatingProvided' }),
    signal({ eventName: 'ReviewProvided' }),
    signal({ value }),
  );
  const rows = await tieback.pipeline.db.conversionEvent.findMany();
  const idOf = (name: string) => rows.find(({ eventName }) => eventName === name)?.id;
  expect(outcomes).toEqual([
    { kind: 'not_attributed', reason: 'no_ad_click' },
    { kind: 'written', eventRowId: idOf('QualifiedLead'), reason: null },
    { kind: 'written', eventRowId: idOf('RatingProvided'), reason: null },
    { ...OFF, eventRowId: idOf('ReviewProvided') },
    { kind: 'known', eventRowId: idOf('QualifiedLead') },
  ]);
  expect(rows).toHaveLength(3);
  await tieback.work();
  expect(tieback.meta.accepted().map(({ event }) => event)).toMatchObject([
    { event_name: 'QualifiedLead', event_id: 'crm:1', user_data: { ctwa_clid: CLICK_ID } },
    { event_name: 'RatingProvided' },
  ]);
});

test('what was written before is known, whatever has become of its click or its switch', async () => {
  const { tieback, signal, tell } = await withSignals();
  const [first] = await tell(signal());
  await tieback.pipeline.db.referral.deleteMany();
  const shop = { ...signal().shop, settings: DEFAULT_SETTINGS };
  expect(await tell(signal(), signal({ shop }))).toEqual([
    { kind: 'known', eventRowId: first?.kind === 'written' ? first.eventRowId : null },
    { kind: 'known', eventRowId: first?.kind === 'written' ? first.eventRowId : null },
  ]);
});

test('of two that tell the same at once one writes it and the other knows it', async () => {
  const { tieback, signal, tell } = await withSignals();
  const outcomes = await Promise.all([tell(signal()), tell(signal()), tell(signal())]);
  expect(
    outcomes
      .flat()
      .map(({ kind }) => kind)
      .toSorted(),
  ).toEqual(['known', 'known', 'written']);
  expect(await tieback.pipeline.db.conversionEvent.count()).toBe(1);
});

test('a withheld event names its click and says nothing to anybody', async () => {
  const { tieback, maria, signal, tell } = await withSignals();
  await tieback.pipeline.db.connection.updateMany({ data: { state: 'disconnected' } });
  expect(await tell(signal())).toMatchObject([{ kind: 'withheld', reason: 'disconnected' }]);
  const click = await tieback.pipeline.db.referral.findFirstOrThrow({ where: { contactId: maria } });
  expect(await tieback.pipeline.db.conversionEvent.findMany()).toMatchObject([
    {
      ...{
        referralId: click.id,
        connectionId: click.connectionId,
        state: 'withheld',
        reason: 'disconnected',
      },
      ...{ payload: '', attempts: 0, settledAt: START, eventTime: START },
    },
  ]);
  await tieback.work();
  expect(tieback.meta.requests()).toEqual([]);
});

test('a signal about one click is told for that click alone', async () => {
  const { tieback, signal, tell } = await withSignals();
  const at = new Date(START.getTime() - 60_000);
  await tieback.tapAd({ messageId: 'wamid.LATER', clid: 'a-later-click', at });
  await tieback.work();
  const contactId: ContactId = await contactOf(tieback, '4321');
  const [early, late] = await tieback.pipeline.db.referral.findMany({
    where: { contactId },
    orderBy: { clickedAt: 'asc' },
  });
  const about = (click: { id: string } | undefined) => click?.id as NonNullable<ChatSignal['click']>;
  await tell(signal({ click: about(early), subject: 'click:1' }), signal({ subject: 'api:3' }));
  const rows = await tieback.pipeline.db.conversionEvent.findMany({ orderBy: { subject: 'asc' } });
  expect(rows.map(({ referralId }) => referralId)).toEqual([late?.id, early?.id]);
});

test('whose data may only be used within limits is told of with them', async () => {
  const { tieback, signal, tell } = await withSignals({ reportQualifiedLead: true, dataSaleOptOut: 'limit' });
  const draft = { customer: {}, region: { country: 'US', state: 'TX' } };
  await tell(signal({ draft, consent: { said: 'granted', saleOptOut: true } }));
  await tieback.work();
  expect(tieback.meta.accepted().map(({ event }) => event)).toMatchObject([
    { opt_out: true, data_processing_options: ['LDU'], data_processing_options_country: 1 },
  ]);
});

test('a person without a conversation by an ad is told of for nothing', async () => {
  const { signal, tell } = await withSignals();
  const contactId = '018f0000-0000-7000-8000-000000000000' as ContactId;
  expect(await tell(signal({ contactId }))).toEqual([{ kind: 'not_attributed', reason: 'no_ad_click' }]);
  expect(await tell()).toEqual([]);
});

test.each([
  ['+1 ••••• 3881', 'US', true],
  ['+1 ••••• 3881', 'BR', true],
  ['+1 ••••• 3881', null, true],
  ['+1 ••••• 3881', 'CA', false],
  ['+55 ••••• 4321', 'US', false],
  [null, 'US', true],
  [null, 'BR', false],
] as const)(
  'of somebody with the number %s and a shop in %s, limited use is asked for: %s',
  async (maskedPhone, country, limited) => {
    const { tieback, maria, signal, tell } = await withSignals({
      ...{ reportQualifiedLead: true, limitedDataUse: 'california' },
    });
    await tieback.pipeline.db.contact.updateMany({ where: { id: maria }, data: { maskedPhone } });
    const draft = { customer: {}, region: { country: null, state: null } };
    await tell(signal({ draft, shop: { ...signal().shop, country } }));
    await tieback.work();
    const [accepted] = tieback.meta.accepted();
    expect(accepted?.event['data_processing_options_state']).toBe(limited ? 1000 : undefined);
  },
);

test('who said no on their latest order is not told of, whatever they said before', async () => {
  const { tieback, signal, tell } = await withSignals();
  const said = (value: string) => ({ note_attributes: [{ name: '__tieback_consent', value }] });
  await tieback.pay({ ...bought(1), ...said('granted') });
  await tieback.pay({ ...bought(2, { at: new Date(CHECKOUT.getTime() + 1000) }), ...said('denied') });
  await tieback.work();
  expect(await tell(signal())).toMatchObject([{ kind: 'withheld', reason: 'consent_denied' }]);
  const yes = { said: 'granted', saleOptOut: null } as const;
  expect(await tell(signal({ consent: yes, subject: 'api:2' }))).toMatchObject([{ kind: 'written' }]);
  await tieback.pay({ ...bought(3, { at: new Date(CHECKOUT.getTime() + 2000) }), ...said('granted') });
  await tieback.work();
  expect(await tell(signal({ subject: 'api:3' }))).toMatchObject([{ kind: 'written' }]);
});
