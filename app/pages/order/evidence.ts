import { z } from 'zod';
import { CLUE_SOURCES } from '../../domain/clue.ts';
import { explainSignal, explainStrength, explainWhy } from '../../domain/explain-evidence.ts';
import { SET_ASIDE, SIGNALS, STRENGTHS, VERDICTS } from '../../domain/link.ts';
import type { Evidence } from '../../domain/link.ts';
import type { FormBasis } from '../../domain/phone.ts';
import type { Tone } from '../../domain/reason.ts';

/** One reason to believe that an order and a WhatsApp chat belong together, in words. */
export type EvidenceLine = {
  signal: string;
  where: string;
  /** A masked number or a discount code; null for what has no face. */
  shown: string | null;
  /** How the number on the order follows from WhatsApp's; null for what is no number. */
  how: string | null;
  strength: string;
  strengthMeans: string;
  verdict: { label: string; tone: Tone | null };
  /** Why it was set aside. */
  why: string | null;
  contactId: string;
  chosen: boolean;
  disagrees: boolean;
};

const SOURCES = [...CLUE_SOURCES, 'staff'] as const;

const stored = z.preprocess(
  asWrittenNow,
  z.object({
    signal: z.enum(SIGNALS),
    source: z.enum(SOURCES),
    basis: z.custom<FormBasis>(isBasis).nullable(),
    strength: z.enum(STRENGTHS),
    masked: z.string().nullable(),
    contactId: z.string(),
    verdict: z.enum(VERDICTS),
    why: z.enum(SET_ASIDE).nullable(),
    chosen: z.boolean(),
  }),
);

const WHERE: Readonly<Record<Evidence['source'], string>> = {
  order: 'In the order’s phone field',
  customer: 'In the customer’s phone field',
  shipping_address: 'In the shipping address',
  billing_address: 'In the billing address',
  customer_default_address: 'In the customer’s default address',
  attribute: 'Came back in the cart, in the order’s additional details',
  landing_site: 'In the address by which the buyer came to the store',
  tag: 'In the order’s tags',
  discount_code: 'Among the order’s discount codes',
  staff: 'In Tieback, by your staff',
};
const BASIS: Readonly<Record<FormBasis, string>> = {
  same: 'The same number as on WhatsApp',
  brazil_ninth_digit: 'The same number; WhatsApp writes it without or with Brazil’s ninth digit',
  mexico_mobile_one: 'The same number; WhatsApp writes it without or with Mexico’s 1 for mobiles',
  argentina_mobile_nine: 'The same number but for Argentina’s 9 for mobiles',
  cote_divoire_operator_prefix:
    'The same number; WhatsApp writes it as it was before 2021, or as it is since',
  benin_prefix: 'The same number; WhatsApp writes it without or with Benin’s 01',
  vietnam_mobile_prefix: 'The same number; WhatsApp writes it as it was before 2018, or as it is since',
};
const VERDICT: Readonly<Record<Evidence['verdict'], EvidenceLine['verdict']>> = {
  chosen: { label: 'Chosen', tone: 'success' },
  agrees: { label: 'Agrees', tone: 'info' },
  disagrees: { label: 'Points to another chat', tone: 'warning' },
  set_aside: { label: 'Set aside', tone: null },
};

/** Reads an order's stored evidence; an entry of another shape is left out. */
export function evidenceLines(json: unknown): EvidenceLine[] {
  return (Array.isArray(json) ? json : []).flatMap((entry) => {
    const read = stored.safeParse(entry);
    return read.success ? [evidenceLine(read.data)] : [];
  });
}

function evidenceLine(evidence: z.infer<typeof stored>): EvidenceLine {
  const { signal, source, basis, masked, strength, verdict, why, contactId, chosen } = evidence;
  const words = explainStrength(strength);
  return {
    signal: explainSignal(signal).label,
    where: WHERE[source],
    shown: masked,
    how: basis === null ? null : BASIS[basis],
    strength: words.label,
    strengthMeans: words.sentence,
    verdict: VERDICT[verdict],
    why: why === null ? null : explainWhy(why).sentence,
    contactId,
    chosen,
    disagrees: verdict === 'disagrees',
  };
}

function isBasis(text: unknown): boolean {
  return typeof text === 'string' && Object.hasOwn(BASIS, text);
}

/** Orders that were decided before there was more evidence than phones keep what was written of them then. */
function asWrittenNow(entry: unknown): unknown {
  const old = z
    .looseObject({ signal: z.literal('phone'), source: z.string(), chosen: z.boolean() })
    .safeParse(entry);
  if (!old.success) return entry;
  const signal = old.data.source === 'order' ? 'order_phone' : 'customer_phone';
  return { ...old.data, signal, verdict: old.data.chosen ? 'chosen' : 'agrees', why: null };
}
