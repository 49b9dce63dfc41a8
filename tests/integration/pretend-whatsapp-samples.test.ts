import { expect, test } from 'vitest';
import { adReferral, whatsappAutomaticEvents, whatsappMessage } from '../builders/whatsapp.ts';

// The samples of Meta's pages, with nothing added and nothing left out; the builders' defaults must be just these.
const METADATA = { display_phone_number: '15550783881', phone_number_id: '106540352242922' };
const around = (field: string, value: object) => ({
  object: 'whatsapp_business_account',
  entry: [
    {
      id: '102290129340398',
      changes: [{ value: { messaging_product: 'whatsapp', metadata: METADATA, ...value }, field }],
    },
  ],
});

test('builds the message of an ad as developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/text has it', () => {
  const clickId =
    'Aff-n8ZTODiE79d22KtAwQKj9e_mIEOOj27vDVwFjN80dp4_0NiNhEgpGo0AHemvuSoifXaytfTzcchptiErTKCqTrJ5nW1h7IHYeYymGb5K5J5iTROpBhWAGaIAeUzHL50';
  expect(whatsappMessage({ referral: adReferral({ clickId }) })).toEqual(
    around('messages', {
      contacts: [{ profile: { name: 'Sheena Nelson' }, wa_id: '16505551234' }],
      messages: [
        {
          referral: {
            source_url: 'https://fb.me/3cr4Wqqkv',
            source_id: '120226305854810726',
            source_type: 'ad',
            body: 'Summer Succulents are here!',
            headline: 'Chat with us',
            media_type: 'image',
            image_url: expect.stringMatching(/^https:\/\/scontent\./),
            ctwa_clid: clickId,
            welcome_message: { text: 'Hi there! Let us know how we can help!' },
          },
          from: '16505551234',
          id: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUQ0N0VFMDA2MTQ0RkJFNkNDNAA=',
          timestamp: '1750275992',
          text: { body: 'Can I get more info about this?' },
          type: 'text',
        },
      ],
    }),
  );
});

test('builds a person behind a username as developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids has it', () => {
  const body = whatsappMessage({
    from: null,
    userId: 'US.13491208655302741918',
    id: 'wamid.1',
    at: 1749416383,
    body: 'Does it come in another color?',
  });
  expect(body).toEqual(
    around('messages', {
      contacts: [
        {
          profile: { name: 'Sheena Nelson', username: 'realsheenanelson' },
          user_id: 'US.13491208655302741918',
        },
      ],
      messages: [
        {
          from_user_id: 'US.13491208655302741918',
          id: 'wamid.1',
          timestamp: '1749416383',
          type: 'text',
          text: { body: 'Does it come in another color?' },
        },
      ],
    }),
  );
});

test('builds an automatic event as developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/automatic-events-api has it', () => {
  const clickId = 'Afc3nYt4TTydumlFFsatFz8bR2yHCtVA92Veu_zDE4DgAI-';
  expect(whatsappAutomaticEvents([{ id: 'wamid.1', clickId }])).toEqual(
    around('automatic_events', {
      automatic_events: [
        {
          id: 'wamid.1',
          event_name: 'Purchase',
          timestamp: 1749069131,
          ctwa_clid: clickId,
          custom_data: { currency: 'USD', value: 25000 },
        },
      ],
    }),
  );
});
