import { createHash } from 'node:crypto';

/**
 * Stands for a WhatsApp message id where it is stored. The id itself is base64 around the sender's phone number; its
 * random part keeps the fingerprint from being guessed back.
 */
export function fingerprint(id: string): string {
  return createHash('sha256').update(id).digest('base64url');
}
