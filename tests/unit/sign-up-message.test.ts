import { expect, test } from 'vitest';
import { readSignUpMessage } from '../../app/pages/settings/facebook-sdk.ts';

const SDK = 'https://connect.facebook.net/en_US/sdk.js';
const read = (data: unknown, origin = 'https://www.facebook.com') => readSignUpMessage({ data, origin }, SDK);

// As in https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/implementation
const FINISH = {
  data: { phone_number_id: '106540352242922', waba_id: '524126980791429', business_id: '2729063490586005' },
  type: 'WA_EMBEDDED_SIGNUP',
  event: 'FINISH',
};

test('a finished sign-up names its account and number', () => {
  const read1 = {
    event: 'FINISH',
    wabaId: '524126980791429',
    phoneNumberId: '106540352242922',
    problem: null,
  };
  expect(read(JSON.stringify(FINISH))).toEqual(read1);
  expect(read(FINISH)).toEqual(read1);
});

test('a sign-up from the WhatsApp Business app names no number', () => {
  const event = 'FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING';
  expect(read({ ...FINISH, event, data: { waba_id: '524126980791429' } })).toEqual({
    event,
    wabaId: '524126980791429',
    phoneNumberId: null,
    problem: null,
  });
});

test('a sign-up that was left, or that failed, says what Meta said', () => {
  const left = { type: 'WA_EMBEDDED_SIGNUP', event: 'CANCEL', data: { current_step: 'PHONE_NUMBER_SETUP' } };
  expect(read(left)).toMatchObject({ event: 'CANCEL', wabaId: null, problem: null });
  const failed = { ...left, data: { error_message: 'Your verified name violates our guidelines.' } };
  expect(read(failed)).toMatchObject({ problem: 'Your verified name violates our guidelines.' });
});

test.each([
  'http://www.facebook.com',
  'https://facebook.com.example.com',
  'https://notfacebook.com',
  'https://www.facebook.com.evil.example',
  'https://tieback.example.com',
  'null',
  '',
])('a message from %j is nobody’s', (origin) => {
  expect(read(FINISH, origin)).toBeNull();
});

test.each(['https://www.facebook.com', 'https://web.facebook.com', 'https://facebook.com'])(
  'a message from %s is Meta’s',
  (origin) => {
    expect(read(FINISH, origin)).toMatchObject({ event: 'FINISH' });
  },
);

test.each([
  null,
  7,
  'cb=f1&domain=x',
  '{',
  '[]',
  {},
  { type: 'WA_EMBEDDED_SIGNUP' },
  { ...FINISH, type: 'OTHER' },
])('another message, %j, is passed over', (data) => {
  expect(read(data)).toBeNull();
});
