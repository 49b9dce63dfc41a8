import { CLUE_SOURCES, isSameSubscription } from './clue.ts';
import type { ClueSource, PhoneState, StoredClue } from './clue.ts';
import type { ContactId } from './ids.ts';
import type { FormBasis } from './phone.ts';

/** What leads from an order to a conversation, strongest first. */
export const SIGNALS = [
  'chat_link',
  'draft_order',
  'discount_code',
  'order_phone',
  'customer_phone',
  'shared_phone',
  'staff',
] as const;
export type Signal = (typeof SIGNALS)[number];

/**
 * `certain`: made for this one conversation, and it came back with the order; `strong`: the same subscription's number;
 * `fair`: it may be somebody else's; `by_hand`: a person said so.
 */
export const STRENGTHS = ['certain', 'strong', 'fair', 'by_hand'] as const;
export type Strength = (typeof STRENGTHS)[number];

/** How a contact came to be known by a number. */
export type IdentitySource = 'message' | 'contact_request' | 'shared_contact' | 'changed';

/** A clue that was looked up. */
export type FoundClue = Omit<StoredClue, 'hash'> & {
  /** Distinct buyers among the latest orders with this phone or code, this order's included; 0 for a reference. */
  buyers: number;
  found: { contactId: ContactId; lastMessageAt: Date; by: IdentitySource | 'chat_link' } | null;
};

/** What a person said of an order: whose it is, and whose it is not. `at` in ISO 8601. */
export type StaffLink = { contactId: ContactId | null; rejected: ContactId[]; by: string; at: string };

export const SET_ASIDE = [
  'shared_number',
  'shared_code',
  'own_number',
  'placeholder',
  'recipient',
  'rejected',
] as const;
export type SetAside = (typeof SET_ASIDE)[number];
export const VERDICTS = ['chosen', 'agrees', 'disagrees', 'set_aside'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** One reason to believe that an order belongs to a contact, and what became of it. */
export type Evidence = {
  signal: Signal;
  source: ClueSource | 'staff';
  basis: FormBasis | null;
  strength: Strength;
  masked: string | null;
  contactId: ContactId;
  verdict: Verdict;
  /** Why it was set aside. */
  why: SetAside | null;
  /** Whether the verdict is `chosen`. */
  chosen: boolean;
};

export type LinkOutcome =
  | {
      kind: 'linked';
      contactId: ContactId;
      signal: Signal;
      strength: Strength;
      /** Some evidence that counts points to another contact. */
      disagreement: boolean;
      evidence: Evidence[];
    }
  | {
      kind: 'not_linked';
      reason: 'no_phone' | 'phone_hidden' | 'phone_invalid' | 'phone_shared' | 'no_conversation';
      evidence: Evidence[];
    };

type LinkInput = {
  phones: PhoneState;
  /** The order was made from a draft. */
  fromDraft: boolean;
  clues: readonly FoundClue[];
  staff: StaffLink | null;
  /** A phone that more buyers than this gave is nobody's. */
  phoneLimit: number;
};

/**
 * Chooses the contact with the strongest evidence: by strength, then signal, then source, then the most recent message.
 * All evidence is given, strongest first and what was set aside last, each with its verdict.
 */
export function linkOrder(input: LinkInput): LinkOutcome {
  const witnesses = [
    ...input.clues.flatMap((clue) => testify(clue, input)),
    ...staffWitness(input.staff),
  ].sort(byRank);
  const best = witnesses.find(({ why }) => why === null);
  const evidence = witnesses.map((witness) => asEvidence(witness, verdictOn(witness, best ?? null)));
  if (best === undefined) return { kind: 'not_linked', reason: reasonWithout(input, evidence), evidence };

  const { contactId, signal, strength } = best;
  const disagreement = evidence.some(({ verdict }) => verdict === 'disagrees');
  return { kind: 'linked', contactId, signal, strength, disagreement, evidence };
}

type Witness = Omit<Evidence, 'verdict' | 'chosen'> & { lastMessageAt: Date | null };

function testify(clue: FoundClue, input: LinkInput): Witness[] {
  const { found, source, basis, masked } = clue;
  if (found === null) return [];
  const { contactId, lastMessageAt, by } = found;
  const rejected = input.staff?.rejected.includes(contactId) === true;
  const why = barredBy(clue, input.phoneLimit) ?? (rejected ? 'rejected' : null);
  const signal = signalOf(clue, by, input.fromDraft);
  return [{ signal, source, basis, strength: strengthOf(clue, by), masked, contactId, why, lastMessageAt }];
}

function staffWitness(staff: StaffLink | null): Witness[] {
  if (staff === null || staff.contactId === null) return [];
  const { contactId } = staff;
  const said = { signal: 'staff', source: 'staff', strength: 'by_hand' } as const;
  return [{ ...said, basis: null, masked: null, contactId, why: null, lastMessageAt: null }];
}

function barredBy(clue: FoundClue, phoneLimit: number): SetAside | null {
  if (clue.barred !== null) return clue.barred;
  if (!isShared(clue, phoneLimit)) return null;
  return clue.kind === 'discount_code' ? 'shared_code' : 'shared_number';
}

/** Whether too many buyers carry a clue for it to tell one from another: a code for one chat is one buyer's. */
export function isShared({ kind, buyers }: Pick<FoundClue, 'kind' | 'buyers'>, phoneLimit: number): boolean {
  switch (kind) {
    case 'reference':
      return false;
    case 'discount_code':
      return buyers > 1;
    case 'phone':
      return buyers > phoneLimit;
  }
}

function signalOf(clue: FoundClue, by: IdentitySource | 'chat_link', fromDraft: boolean): Signal {
  switch (clue.kind) {
    case 'reference':
      return fromDraft ? 'draft_order' : 'chat_link';
    case 'discount_code':
      return 'discount_code';
    case 'phone':
      if (by === 'contact_request' || by === 'shared_contact') return 'shared_phone';
      return clue.source === 'order' ? 'order_phone' : 'customer_phone';
  }
}

function strengthOf(clue: FoundClue, by: IdentitySource | 'chat_link'): Strength {
  switch (clue.kind) {
    case 'reference':
    case 'discount_code':
      return 'certain';
    case 'phone':
      if (by === 'shared_contact') return 'fair';
      return clue.basis === null || isSameSubscription(clue.basis) ? 'strong' : 'fair';
  }
}

function verdictOn(witness: Witness, best: Witness | null): Verdict {
  if (witness.why !== null) return 'set_aside';
  if (witness === best) return 'chosen';
  return witness.contactId === best?.contactId ? 'agrees' : 'disagrees';
}

function asEvidence(witness: Witness, verdict: Verdict): Evidence {
  const { signal, source, basis, strength, masked, contactId, why } = witness;
  const chosen = verdict === 'chosen';
  return { signal, source, basis, strength, masked, contactId, verdict, why, chosen };
}

const SOURCES: readonly Evidence['source'][] = [...CLUE_SOURCES, 'staff'];

function byRank(a: Witness, b: Witness): number {
  return (
    Number(a.why !== null) - Number(b.why !== null) ||
    STRENGTHS.indexOf(a.strength) - STRENGTHS.indexOf(b.strength) ||
    SIGNALS.indexOf(a.signal) - SIGNALS.indexOf(b.signal) ||
    SOURCES.indexOf(a.source) - SOURCES.indexOf(b.source) ||
    (b.lastMessageAt?.getTime() ?? 0) - (a.lastMessageAt?.getTime() ?? 0) ||
    // Nothing is left to prefer one by, but the same clues must always give the same answer.
    compare(a.contactId, b.contactId) ||
    compare(a.basis ?? '', b.basis ?? '') ||
    compare(a.masked ?? '', b.masked ?? '') ||
    compare(a.why ?? '', b.why ?? '')
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function reasonWithout(
  { phones, clues, phoneLimit }: LinkInput,
  evidence: readonly Evidence[],
): Extract<LinkOutcome, { kind: 'not_linked' }>['reason'] {
  // A chat was found, and a person said that it is not the buyer's.
  if (evidence.some(({ why }) => why === 'rejected')) return 'no_conversation';
  switch (phones) {
    case 'absent':
      return 'no_phone';
    case 'hidden':
      return 'phone_hidden';
    case 'invalid':
      return 'phone_invalid';
    case 'given': {
      const given = clues.filter(({ kind }) => kind === 'phone');
      const nobodys = given.length > 0 && given.every((clue) => barredBy(clue, phoneLimit) !== null);
      return nobodys ? 'phone_shared' : 'no_conversation';
    }
  }
}
