import { createHash } from 'node:crypto';

const KEY = /^tieback_[\w-]{43}$/;
const BEARER = /^bearer +(\S+) *$/i;
const NAME_LENGTH = 60;

export const API_KEY_BYTES = 32;

/** A new key from 32 random bytes; its beginning tells secret scanners, and whoever finds it, what it is. */
export function mintApiKey(random: Buffer): string {
  return `tieback_${random.toString('base64url')}`;
}

/** What is kept of a key. It is as random as the hash is long, so no salt and no slow hash would add anything. */
export function apiKeyHash(key: string): Buffer<ArrayBuffer> {
  return Buffer.from(createHash('sha256').update(key).digest());
}

/** The last characters of a key, for people to tell keys apart. */
export function apiKeyHint(key: string): string {
  return key.slice(-4);
}

/** What an Authorization header shows (https://www.rfc-editor.org/rfc/rfc6750#section-2.1); null: no key at all. */
export function readBearer(
  header: string | undefined,
): { kind: 'key'; key: string } | { kind: 'no_key' } | null {
  if (header === undefined || header.trim() === '') return null;
  const key = BEARER.exec(header)?.[1] ?? '';
  return KEY.test(key) ? { kind: 'key', key } : { kind: 'no_key' };
}

/** The name that a person gives a key, in one line of at most 60 characters; null when it is none. */
export function readKeyName(text: string): string | null {
  const name = text.trim().replaceAll(/\s+/g, ' ');
  return /^\P{C}+$/u.test(name) && name.length <= NAME_LENGTH ? name : null;
}
