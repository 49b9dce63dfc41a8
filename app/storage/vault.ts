import {
  type KeyObject,
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  randomBytes,
} from 'node:crypto';

export type KeyRing = readonly [MasterKey, ...MasterKey[]];
type MasterKey = { id: string; key: Buffer };

/** Where a sealed value lives. It opens only there: moved to another row, column or tenant it is refused. */
export type Binding = { table: string; column: string; owner: string; row: string };

export type Vault = {
  seal(plain: string, binding: Binding): string;
  /** Throws VaultError when the value was changed or moved, or its key is no longer in the ring. */
  open(sealed: string, binding: Binding): string;
};

export class VaultError extends Error {}

const VERSION = 'v1';
const ENVELOPE = /^(\w+)\.([\w-]+)\.([\w-]+)$/;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Reads `id:base64,id:base64`, newest first; each key has 32 bytes. */
export function parseKeyRing(
  text: string,
): { kind: 'ring'; keys: KeyRing } | { kind: 'problem'; problem: string } {
  const keys: MasterKey[] = [];
  for (const entry of text.split(',').map((part) => part.trim())) {
    const match = /^([\w-]{1,32}):([A-Za-z0-9+/_-]+={0,2})$/.exec(entry);
    const [, id, encoded] = match ?? [];
    if (id === undefined || encoded === undefined)
      return { kind: 'problem', problem: 'must look like id:base64,id:base64' };
    const key = Buffer.from(encoded, 'base64');
    if (key.length !== 32) return { kind: 'problem', problem: `key "${id}" must be base64 of 32 bytes` };
    if (keys.some((other) => other.id === id)) return { kind: 'problem', problem: `names "${id}" twice` };
    keys.push({ id, key });
  }
  const [newest, ...older] = keys;
  return newest ? { kind: 'ring', keys: [newest, ...older] } : { kind: 'problem', problem: 'is empty' };
}

/**
 * AES-256-GCM with a key of its own for each owner, derived from the newest master key; the envelope
 * `v1.<key id>.<iv tag ciphertext>` says which key opens it, so keys can be rotated without downtime.
 */
export function createVault(ring: KeyRing): Vault {
  // As key objects: Node prepares a plain buffer anew for every use, which costs more than the encryption.
  const derived = new Map<string, KeyObject>();

  // Deriving per owner also keeps every key far below the 2^32 random IVs that GCM allows (NIST SP 800-38D, 8.3).
  function ownerKey(master: MasterKey, owner: string): KeyObject {
    const name = `${master.id}|${owner}`;
    const known = derived.get(name);
    if (known) return known;
    const key = createSecretKey(Buffer.from(hkdfSync('sha256', master.key, '', `tieback|${owner}`, 32)));
    if (derived.size >= 10_000) derived.clear();
    derived.set(name, key);
    return key;
  }

  return {
    seal(plain, binding) {
      const [master] = ring;
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', ownerKey(master, binding.owner), iv);
      cipher.setAAD(associatedData(binding));
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return `${VERSION}.${master.id}.${Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')}`;
    },
    open(sealed, binding) {
      const [, version, id, encoded] = ENVELOPE.exec(sealed) ?? [];
      if (version !== VERSION || encoded === undefined) throw new VaultError('not a sealed value');
      const master = ring.find((key) => key.id === id);
      if (!master) throw new VaultError(`the key "${id}" is not in ENCRYPTION_KEYS`);
      const bytes = Buffer.from(encoded, 'base64url');
      try {
        const decipher = createDecipheriv(
          'aes-256-gcm',
          ownerKey(master, binding.owner),
          bytes.subarray(0, IV_BYTES),
          // Without it Node takes a tag cut down to 4 bytes, which can be guessed.
          { authTagLength: TAG_BYTES },
        );
        decipher.setAAD(associatedData(binding));
        decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
        return Buffer.concat([
          decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)),
          decipher.final(),
        ]).toString('utf8');
      } catch (cause) {
        throw new VaultError(
          `the sealed ${binding.table}.${binding.column} was changed or belongs to another row`,
          { cause },
        );
      }
    },
  };
}

function associatedData({ table, column, owner, row }: Binding): Buffer {
  return Buffer.from([VERSION, table, column, owner, row].join('\u0000'));
}
