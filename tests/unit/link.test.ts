import { expect, test } from 'vitest';
import type { ContactId } from '../../app/domain/ids.ts';
import { linkOrder } from '../../app/domain/link.ts';
import type { FoundClue, IdentitySource, StaffLink } from '../../app/domain/link.ts';

type Input = Parameters<typeof linkOrder>[0];
type Found = NonNullable<FoundClue['found']>;

function ownedBy(contactId: string, by: Found['by'], lastMessageAt = '2026-01-01'): Found {
  return { contactId: contactId as ContactId, by, lastMessageAt: new Date(lastMessageAt) };
}

function phone(
  contactId: string | null,
  fields: Partial<FoundClue> = {},
  by: IdentitySource = 'message',
): FoundClue {
  return {
    kind: 'phone',
    source: 'shipping_address',
    basis: 'same',
    masked: '+55 ••••• 4321',
    barred: null,
    buyers: 1,
    found: contactId === null ? null : ownedBy(contactId, by),
    ...fields,
  };
}

function mark(kind: 'reference' | 'discount_code', contactId: string | null): FoundClue {
  const source = kind === 'reference' ? 'attribute' : 'discount_code';
  const found = contactId === null ? null : ownedBy(contactId, 'chat_link');
  const masked = kind === 'reference' ? null : 'ZAP10';
  return { kind, source, basis: null, masked, barred: null, buyers: 0, found };
}

function staff(contactId: string | null, ...rejected: string[]): StaffLink {
  const at = '2026-11-20T10:00:00Z';
  return { contactId: contactId as ContactId | null, rejected: rejected as ContactId[], by: 'Ana', at };
}

function link(clues: FoundClue[], fields: Partial<Input> = {}) {
  return linkOrder({ phones: 'given', fromDraft: false, clues, staff: null, phoneLimit: 5, ...fields });
}

test('the evidence says what was found, where, how sure it is and whom it points to', () => {
  expect(link([phone('c1', { basis: 'brazil_ninth_digit' })])).toEqual({
    kind: 'linked',
    contactId: 'c1',
    signal: 'customer_phone',
    strength: 'strong',
    disagreement: false,
    evidence: [
      {
        signal: 'customer_phone',
        source: 'shipping_address',
        basis: 'brazil_ninth_digit',
        strength: 'strong',
        masked: '+55 ••••• 4321',
        contactId: 'c1',
        verdict: 'chosen',
        why: null,
        chosen: true,
      },
    ],
  });
});

test.each<[string, string, FoundClue, Partial<Input>]>([
  ['chat_link', 'certain', mark('reference', 'c'), {}],
  ['draft_order', 'certain', mark('reference', 'c'), { fromDraft: true }],
  ['discount_code', 'certain', mark('discount_code', 'c'), {}],
  ['order_phone', 'strong', phone('c', { source: 'order' }), {}],
  ['customer_phone', 'strong', phone('c', { source: 'customer' }), {}],
  ['customer_phone', 'strong', phone('c', { source: 'billing_address' }, 'changed'), {}],
  ['order_phone', 'fair', phone('c', { source: 'order', basis: 'argentina_mobile_nine' }), {}],
  ['shared_phone', 'strong', phone('c', { source: 'order' }, 'contact_request'), {}],
  ['shared_phone', 'fair', phone('c', { source: 'order' }, 'shared_contact'), {}],
])('%s is %s evidence', (signal, strength, clue, fields) => {
  expect(link([clue], fields)).toMatchObject({ kind: 'linked', signal, strength });
});

test('signals win in the order of their strength, and the others are kept with their verdict', () => {
  const clues = [
    phone('shared', {}, 'shared_contact'),
    phone('customer', { source: 'customer' }),
    phone('order', { source: 'order' }),
    mark('discount_code', 'code'),
    mark('reference', 'link'),
  ];
  const outcome = link(clues, { staff: staff('link') });
  expect(outcome).toMatchObject({ contactId: 'link', signal: 'chat_link', disagreement: true });
  expect(outcome.evidence.map(({ signal, verdict }) => `${signal} ${verdict}`)).toEqual([
    'chat_link chosen',
    'discount_code disagrees',
    'order_phone disagrees',
    'customer_phone disagrees',
    'shared_phone disagrees',
    'staff agrees',
  ]);
});

test('a strong signal beats a fair one of a better source', () => {
  const fair = phone('fair', { source: 'order', basis: 'argentina_mobile_nine' });
  expect(link([fair, phone('strong', { source: 'billing_address' })])).toMatchObject({ contactId: 'strong' });
});

test('among equals the better source wins, then the most recent message', () => {
  const shipping = phone(null, { found: ownedBy('shipping', 'message', '2026-03-01') });
  const billing = phone(null, {
    source: 'billing_address',
    found: ownedBy('billing', 'message', '2026-04-01'),
  });
  const recent = phone(null, { found: ownedBy('recent', 'message', '2026-05-01') });
  expect(link([billing, shipping])).toMatchObject({ contactId: 'shipping' });
  expect(link([shipping, recent])).toMatchObject({ contactId: 'recent' });
});

test('signals that agree are no disagreement', () => {
  const outcome = link([mark('reference', 'c'), phone('c'), phone(null)]);
  expect(outcome).toMatchObject({ contactId: 'c', disagreement: false });
  expect(outcome.evidence.map(({ verdict }) => verdict)).toEqual(['chosen', 'agrees']);
});

test.each<[string, FoundClue]>([
  ['shared_number', phone('c', { buyers: 6 })],
  ['own_number', phone('c', { barred: 'own_number' })],
  ['placeholder', phone('c', { barred: 'placeholder', buyers: 6 })],
])('a phone that is one is shown but never matches: %s', (why, clue) => {
  expect(link([clue])).toMatchObject({
    kind: 'not_linked',
    reason: 'phone_shared',
    evidence: [{ verdict: 'set_aside', why, chosen: false }],
  });
  expect(link([clue, phone('other', { source: 'customer_default_address' })])).toMatchObject({
    contactId: 'other',
    disagreement: false,
    evidence: [{ verdict: 'chosen' }, { verdict: 'set_aside', why }],
  });
});

test('a code that more than one buyer used is shown but never matches, whatever the limit of phones', () => {
  const code = { ...mark('discount_code', 'c'), buyers: 2 };
  expect(link([code])).toMatchObject({
    kind: 'not_linked',
    reason: 'no_conversation',
    evidence: [{ signal: 'discount_code', verdict: 'set_aside', why: 'shared_code', chosen: false }],
  });
  expect(link([code, phone('other')])).toMatchObject({ contactId: 'other', disagreement: false });
  expect(link([{ ...code, buyers: 1 }], { phoneLimit: 1 })).toMatchObject({ contactId: 'c' });
});

test('as many buyers as the limit allows are a family', () => {
  expect(link([phone('c', { buyers: 5 })])).toMatchObject({ contactId: 'c' });
  expect(link([phone('c', { buyers: 2 })], { phoneLimit: 1 })).toMatchObject({ reason: 'phone_shared' });
});

test('only an order whose every phone is nobody’s is without a phone of one person', () => {
  const barred = phone(null, { barred: 'placeholder' });
  expect(link([barred])).toEqual({ kind: 'not_linked', reason: 'phone_shared', evidence: [] });
  expect(link([barred, phone(null)])).toMatchObject({ reason: 'no_conversation' });
  expect(link([mark('reference', null), phone(null)])).toMatchObject({ reason: 'no_conversation' });
});

test.each([
  ['absent', 'no_phone'],
  ['hidden', 'phone_hidden'],
  ['invalid', 'phone_invalid'],
] as const)(
  'an order whose phones are %s is not linked for that reason, but can be linked without',
  (phones, reason) => {
    expect(link([], { phones })).toEqual({ kind: 'not_linked', reason, evidence: [] });
    expect(link([mark('reference', 'c')], { phones })).toMatchObject({ contactId: 'c', signal: 'chat_link' });
  },
);

test('a person’s word links what nothing else does, and gives way to evidence', () => {
  expect(link([], { phones: 'absent', staff: staff('c') })).toMatchObject({
    contactId: 'c',
    signal: 'staff',
    strength: 'by_hand',
    evidence: [{ source: 'staff', masked: null, verdict: 'chosen' }],
  });
  expect(link([phone('other')], { staff: staff('c') })).toMatchObject({
    contactId: 'other',
    disagreement: true,
  });
});

test('evidence for a contact that a person rejected is set aside', () => {
  const clues = [mark('reference', 'wrong'), phone('right')];
  expect(link(clues, { staff: staff(null, 'wrong') })).toMatchObject({
    contactId: 'right',
    disagreement: false,
    evidence: [{ verdict: 'chosen' }, { verdict: 'set_aside', why: 'rejected' }],
  });
  expect(link(clues, { staff: staff('c', 'wrong', 'right') })).toMatchObject({
    contactId: 'c',
    signal: 'staff',
  });
  expect(link([mark('reference', 'wrong')], { phones: 'absent', staff: staff(null, 'wrong') })).toMatchObject(
    {
      kind: 'not_linked',
      reason: 'no_conversation',
    },
  );
});
