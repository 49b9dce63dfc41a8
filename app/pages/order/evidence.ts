import { z } from 'zod';
import type { Evidence } from '../../domain/link.ts';
import { PHONE_SOURCES } from '../../domain/order.ts';
import type { PhoneSource } from '../../domain/order.ts';
import type { FormBasis } from '../../domain/phone.ts';

/** One reason to believe that an order and a WhatsApp chat belong together, in words. */
export type EvidenceLine = { where: string; how: string; number: string; strength: string; chosen: boolean };

const BASES = [
  'same',
  'brazil_ninth_digit',
  'mexico_mobile_one',
  'argentina_mobile_nine',
] as const satisfies FormBasis[];
const stored = z.object({
  signal: z.literal('phone'),
  source: z.enum(PHONE_SOURCES),
  basis: z.enum(BASES),
  strength: z.enum(['strong', 'fair']),
  masked: z.string(),
  chosen: z.boolean(),
});

const SOURCES: Readonly<Record<PhoneSource, string>> = {
  order: 'Phone of the order',
  customer: 'Phone of the customer',
  shipping_address: 'Phone of the shipping address',
  billing_address: 'Phone of the billing address',
  customer_default_address: 'Phone of the customer’s default address',
};
const BASIS: Readonly<Record<FormBasis, string>> = {
  same: 'The same number as on WhatsApp',
  brazil_ninth_digit: 'The same number; WhatsApp writes it without or with Brazil’s ninth digit',
  mexico_mobile_one: 'The same number; WhatsApp writes it without or with Mexico’s 1 for mobiles',
  argentina_mobile_nine: 'The same number but for Argentina’s 9 for mobiles',
};
const STRENGTH: Readonly<Record<Evidence['strength'], string>> = {
  strong: 'Strong: it is the same line',
  fair: 'Fair: it could be a landline of the same area',
};

/** Reads an order's stored evidence; an entry of another shape is left out. */
export function evidenceLines(json: unknown): EvidenceLine[] {
  return (Array.isArray(json) ? json : []).flatMap((entry) => {
    const read = stored.safeParse(entry);
    if (!read.success) return [];
    const { source, basis, masked, strength, chosen } = read.data;
    return [
      { where: SOURCES[source], how: BASIS[basis], number: masked, strength: STRENGTH[strength], chosen },
    ];
  });
}
