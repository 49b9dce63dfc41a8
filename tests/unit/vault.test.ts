import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createVault, parseKeyRing, VaultError } from '../../app/storage/vault.ts';
import type { Binding, KeyRing } from '../../app/storage/vault.ts';

const HOME: Binding = {
  table: 'sessions',
  column: 'access_token',
  owner: 'a.myshopify.com',
  row: 'offline_a',
};

const newKey = (id: string): KeyRing[0] => ({ id, key: randomBytes(32) });

/** The sealed text with its bytes (iv, tag, ciphertext) changed. */
function withBytes(sealed: string, change: (bytes: Buffer) => Buffer): string {
  const [version, id, encoded = ''] = sealed.split('.');
  return `${version}.${id}.${change(Buffer.from(encoded, 'base64url')).toString('base64url')}`;
}

test('whatever is sealed opens to the same text, and no two sealings look alike', () => {
  const vault = createVault([newKey('k1')]);
  const word = fc.string({ unit: 'binary' });
  const place = fc.record({ table: word, column: word, owner: word, row: word });
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), place, (plain, binding) => {
      const sealed = vault.seal(plain, binding);
      expect(vault.open(sealed, binding)).toBe(plain);
      expect(vault.seal(plain, binding)).not.toBe(sealed);
    }),
  );
});

test('a sealed text with any byte changed is refused', () => {
  const vault = createVault([newKey('k1')]);
  const sealed = vault.seal('shpat_0123456789', HOME);
  const size = Buffer.from(sealed.split('.')[2] ?? '', 'base64url').length;
  expect(size).toBe(12 + 16 + 16);
  for (let at = 0; at < size; at += 1) {
    const changed = withBytes(sealed, (bytes) => {
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
      return bytes;
    });
    expect(() => vault.open(changed, HOME), `byte ${at}`).toThrow(VaultError);
  }
});

test('a sealed text cut short anywhere is refused, also inside its tag', () => {
  const vault = createVault([newKey('k1')]);
  for (const plain of ['', 'shpat_0123456789']) {
    const sealed = vault.seal(plain, HOME);
    const size = Buffer.from(sealed.split('.')[2] ?? '', 'base64url').length;
    for (let length = 0; length < size; length += 1) {
      const cut = withBytes(sealed, (bytes) => bytes.subarray(0, length));
      expect(() => vault.open(cut, HOME), `${length} bytes of ${size}`).toThrow(VaultError);
    }
  }
});

test('a sealed text with anything around it, or of another version, is refused', () => {
  const vault = createVault([newKey('k1')]);
  const sealed = vault.seal('shpat_0123456789', HOME);
  const spellings = [
    `${sealed}.more`,
    `${sealed}=`,
    ` ${sealed}`,
    `${sealed}\n`,
    sealed.replace('v1', 'v2'),
    '',
  ];
  for (const spelling of spellings)
    expect(() => vault.open(spelling, HOME), JSON.stringify(spelling)).toThrow(VaultError);
});

test('a sealed text moved to another row, column, table or owner is refused', () => {
  const vault = createVault([newKey('k1')]);
  const sealed = vault.seal('shpat_0123456789', HOME);
  for (const part of ['table', 'column', 'owner', 'row'] as const)
    expect(() => vault.open(sealed, { ...HOME, [part]: 'other' }), part).toThrow(VaultError);
});

test('what an older key sealed still opens after a new key is put first, and new texts use the new key', () => {
  const [older, newer] = [newKey('k1'), newKey('k2')];
  const sealed = createVault([older]).seal('secret', HOME);
  const rotated = createVault([newer, older]);
  expect(rotated.open(sealed, HOME)).toBe('secret');
  const resealed = rotated.seal('secret', HOME);
  expect(createVault([newer]).open(resealed, HOME)).toBe('secret');
});

test('a text whose key was taken out of the ring says which key is missing', () => {
  const sealed = createVault([newKey('k1')]).seal('secret', HOME);
  const open = (): string => createVault([newKey('k2')]).open(sealed, HOME);
  expect(open).toThrow(VaultError);
  expect(open).toThrow('the key "k1" is not in ENCRYPTION_KEYS');
});

test('another key under the same id does not open it', () => {
  const sealed = createVault([newKey('k1')]).seal('secret', HOME);
  expect(() => createVault([newKey('k1')]).open(sealed, HOME)).toThrow(VaultError);
});

test('a key ring is read newest first, in base64 or base64url, with spaces between its entries', () => {
  const [first, second] = [randomBytes(32), randomBytes(32)];
  const ring = parseKeyRing(`new:${first.toString('base64')} , old-1:${second.toString('base64url')}`);
  expect(ring).toEqual({
    kind: 'ring',
    keys: [
      { id: 'new', key: first },
      { id: 'old-1', key: second },
    ],
  });
});

test('what is wrong with a key ring is said in words that hold no key', () => {
  const key = randomBytes(32).toString('base64');
  const short = randomBytes(16).toString('base64');
  const problems: [string, string][] = [
    ['', 'must look like id:base64,id:base64'],
    [key, 'must look like id:base64,id:base64'],
    [`a:${key},`, 'must look like id:base64,id:base64'],
    [`a b:${key}`, 'must look like id:base64,id:base64'],
    [`a.b:${key}`, 'must look like id:base64,id:base64'],
    [`a:${short}`, 'key "a" must be base64 of 32 bytes'],
    [`a:${key},a:${randomBytes(32).toString('base64')}`, 'names "a" twice'],
  ];
  for (const [text, problem] of problems) expect(parseKeyRing(text)).toEqual({ kind: 'problem', problem });
});
