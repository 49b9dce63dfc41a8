import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { apiKeyHash, apiKeyHint, mintApiKey, readBearer, readKeyName } from '../../app/domain/api-key.ts';

const KEY = mintApiKey(Buffer.alloc(32, 0xfb));

test('a key names what it is for, and holds all 32 random bytes in characters that any header and address takes', () => {
  expect(KEY).toBe('tieback_-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s');
  const random = randomBytes(32);
  const key = mintApiKey(random);
  expect(key).toMatch(/^tieback_[\w-]{43}$/);
  expect(Buffer.from(key.slice('tieback_'.length), 'base64url')).toEqual(random);
  expect(apiKeyHint(key)).toBe(key.slice(-4));
});

test('what is kept of a key is its SHA-256', () => {
  expect(apiKeyHash('tieback_').toString('hex')).toBe(
    'd60e02be57ae2872db881b518ba36d9e1da3cd497b61fd59ba0af8e284827bae',
  );
});

test.each([
  [undefined, null],
  ['', null],
  ['  ', null],
  [`Bearer ${KEY}`, { kind: 'key', key: KEY }],
  [`bearer  ${KEY} `, { kind: 'key', key: KEY }],
  [KEY, { kind: 'no_key' }],
  [`Basic ${KEY}`, { kind: 'no_key' }],
  ['Bearer', { kind: 'no_key' }],
  ['Bearer tieback_short', { kind: 'no_key' }],
  [`Bearer ${KEY}x`, { kind: 'no_key' }],
  [`Bearer ${KEY} ${KEY}`, { kind: 'no_key' }],
])('the Authorization header %j is read as %j', (header, reading) => {
  expect(readBearer(header)).toEqual(reading);
});

test.each([
  ['CRM', 'CRM'],
  ['  Caixa   da loja\t1 ', 'Caixa da loja 1'],
  ['x'.repeat(60), 'x'.repeat(60)],
  ['x'.repeat(61), null],
  ['', null],
  ['   ', null],
  ['a\u0000b', null],
  ['a\u202eb', null],
])('the name %j is read as %j', (given, name) => {
  expect(readKeyName(given)).toBe(name);
});
