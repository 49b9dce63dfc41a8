import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  canIdentify,
  hashBirthDate,
  hashCity,
  hashCountry,
  hashEmail,
  hashExternalId,
  hashGender,
  hashName,
  hashPhone,
  hashPostcode,
  hashState,
} from '../../app/domain/customer-data.ts';
import type { PhoneDigits } from '../../app/domain/phone.ts';

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

// The seven examples of developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters
test('Meta’s own examples hash to what Meta publishes', () => {
  expect(hashEmail('John_Smith@gmail.com')).toBe(
    '62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f',
  );
  expect(hashPhone('16505551212' as PhoneDigits)).toBe(
    'e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176',
  );
  expect(hashName('Mary')).toBe('6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec');
  expect(hashName('정')).toBe('8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14');
  expect(hashName('Valéry')).toBe('08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c');
  expect(hashBirthDate('2/16/1997')).toBe('01acdbf6ec7b4f478a225f1a246e5d6767eeab1a7ffa17f025265b5b94f40f0c');
  expect(hashCountry('US')).toBe('79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621');
});

test('each key is normalised by the rule of its row', () => {
  expect(hashEmail('  A@B.Example ')).toBe(sha256('a@b.example'));
  expect(hashName('Mary-Jane O’Neil')).toBe(sha256('maryjaneoneil'));
  expect(hashName('Vale\u0301ry')).toBe(hashName('Valéry'));
  expect(hashBirthDate('1997-02-16')).toBe(sha256('19970216'));
  expect([hashGender('Female'), hashGender('m')]).toEqual([sha256('f'), sha256('m')]);
  expect([hashCity('New York'), hashCity('São Paulo'), hashCity('東京')]).toEqual(
    ['newyork', 'sãopaulo', '東京'].map(sha256),
  );
  expect([hashState('CA', 'US'), hashState('Bavaria', 'DE')]).toEqual(['ca', 'bavaria'].map(sha256));
  expect([
    hashPostcode('94035-1234', 'US'),
    hashPostcode('M1 1AE', 'GB'),
    hashPostcode('01310-100', 'BR'),
  ]).toEqual(['94035', 'm11ae', '01310100'].map(sha256));
  expect(hashExternalId(' gid://shopify/Customer/1 ')).toBe(sha256('gid://shopify/Customer/1'));
});

test('what is not a value is not hashed', () => {
  expect([
    hashEmail('nobody'),
    hashPhone('' as PhoneDigits),
    hashCountry('Brazil'),
    hashName(' - '),
    hashBirthDate('31/12/1997'),
    hashBirthDate('1997-02-31'),
    hashBirthDate('soon'),
    hashGender('unknown'),
    hashCity(''),
    hashState('California', 'US'),
    hashPostcode(' ', 'BR'),
    hashExternalId(' '),
  ]).toEqual(Array.from({ length: 12 }, () => null));
});

test.each([
  [['em']],
  [['external_id']],
  [['fn', 'ln']],
  [['fn', 'zp']],
  [['db', 'ge']],
  [['ct', 'country', 'st', 'zp', 'ge', 'client_user_agent', 'client_ip_address']],
])('%j is enough to find somebody by', (keys) => {
  expect(canIdentify(keys)).toBe(true);
});

test.each([
  [[]],
  [['ct', 'country', 'st', 'zp', 'ge', 'client_user_agent']],
  [['zp']],
  [['db', 'client_user_agent']],
  [['fn', 'ge']],
  [['ge', 'ln']],
])('%j is too little to find anybody by', (keys) => {
  expect(canIdentify(keys)).toBe(false);
});
