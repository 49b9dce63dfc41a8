import fc from 'fast-check';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { expect, test } from 'vitest';
import type { ContactId } from '../../app/domain/ids.ts';
import { linkOrder, orderPhoneForms } from '../../app/domain/link.ts';
import { maskPhone, readPhone, whatsappForms } from '../../app/domain/phone.ts';
import type { PhoneDigits } from '../../app/domain/phone.ts';

type Subscriber = { country: string; callingCode: string; national: string };

function mobile(country: string, callingCode: string, areas: string[], start: string[], rest: number) {
  const tail = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: rest, maxLength: rest });
  return fc
    .tuple(fc.constantFrom(...areas), fc.constantFrom(...start), tail)
    .map(([area, first, digits]): Subscriber => ({
      country,
      callingCode,
      national: area + first + digits.join(''),
    }))
    .filter(({ national }) => parsePhoneNumberFromString(`+${callingCode}${national}`)?.isValid() === true);
}

const subscriber = fc.oneof(
  mobile('BR', '55', ['11', '21', '31', '47', '61', '85'], ['96', '97', '98', '99'], 7),
  mobile('MX', '52', ['55', '33', '81', '656'], ['1', '2', '3'], 6).filter(
    ({ national }) => national.length === 10,
  ),
  mobile('MX', '52', ['55', '33', '81'], ['1', '2', '4'], 7),
  mobile('AR', '54', ['911', '9351', '9341'], ['2', '3', '4', '5'], 6).filter(
    ({ national }) => national.length === 11,
  ),
  mobile('AR', '54', ['911'], ['2', '3', '4', '5'], 7),
  mobile('US', '1', ['415', '212', '305'], ['2', '5', '7'], 6),
  mobile('GB', '44', ['7400', '7700', '7911'], ['1', '2', '9'], 5),
  mobile('IN', '91', ['98', '70', '63'], ['1', '7'], 7),
  mobile('ID', '62', ['812', '857'], ['1', '3'], 7),
);

/** The ways people write a national number, old habits included. */
function nationalWritings({ country, national }: Subscriber): string[] {
  switch (country) {
    case 'BR':
      return [national, `0${national}`, `015${national}`, national.slice(0, 2) + national.slice(3)];
    case 'MX':
      return [national, `01${national}`, `044${national}`, `045${national}`, `1${national}`];
    case 'AR':
      return [national.slice(1), `0${national.slice(1)}`, national];
    case 'US':
      return [national, `1${national}`];
    default:
      return [national, `0${national}`];
  }
}

const separator = fc.constantFrom('', '', '', ' ', '-', '.', ' - ');

function spaced(digits: string): fc.Arbitrary<string> {
  const gaps = fc.array(separator, { minLength: digits.length, maxLength: digits.length });
  return gaps.map((list) =>
    [...digits].map((digit, n) => digit + (n < digits.length - 1 ? list[n] : '')).join(''),
  );
}

const typed = subscriber.chain((person) => {
  const e164 = (person.callingCode + person.national) as PhoneDigits;
  const international = fc
    .tuple(fc.constantFrom('+', '00', '+ ', '(+)', ''), spaced(e164))
    .map(([prefix, text]) => (prefix === '' ? text.replace(/\D/g, '') : prefix + text));
  const national = fc.constantFrom(...nationalWritings(person)).chain(spaced);
  return fc.record({
    person: fc.constant(person),
    e164: fc.constant(e164),
    raw: fc.oneof(international, national),
    waId: fc.constantFrom(...whatsappForms(e164).map((form) => form.digits)),
  });
});

test('however a buyer writes the number, the order is linked to whatever WhatsApp calls it', () => {
  fc.assert(
    fc.property(typed, ({ person, raw, waId }) => {
      const order = {
        phones: [{ source: 'shipping_address' as const, raw, country: person.country }],
        country: person.country,
        contactFields: 'present' as const,
      };
      const contact = { contactId: 'c' as ContactId, lastMessageAt: new Date(0) };
      const outcome = linkOrder({
        order,
        forms: orderPhoneForms(order, { shopCountry: 'BR', numberCountries: ['US'] }),
        contactOf: new Map([[waId, contact]]),
      });
      expect(outcome).toMatchObject({ kind: 'linked', contactId: 'c' });
    }),
    { numRuns: 500 },
  );
});

test('a number written in full is read as itself first, whatever the country hints say', () => {
  fc.assert(
    fc.property(
      subscriber,
      fc.array(fc.constantFrom('BR', 'US', 'IN', 'AR', 'xx', '')),
      (person, countries) => {
        const e164 = person.callingCode + person.national;
        expect(readPhone(`+${e164}`, countries)).toEqual({ kind: 'numbers', numbers: [e164] });
      },
    ),
  );
});

test('a number is among the forms of each of its forms, and the forms are distinct', () => {
  fc.assert(
    fc.property(subscriber, ({ callingCode, national }) => {
      const number = (callingCode + national) as PhoneDigits;
      const forms = whatsappForms(number).map((form) => form.digits);
      expect(new Set(forms).size).toBe(forms.length);
      for (const form of forms) expect(whatsappForms(form).map(({ digits }) => digits)).toContain(number);
    }),
  );
});

test('no text makes the reading throw, and what is read is digits that callers can dial', () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'0123456789+ -/().ext,;') }));
  fc.assert(
    fc.property(fc.option(text), fc.array(fc.string({ maxLength: 3 })), (raw, countries) => {
      const reading = readPhone(raw, ['BR', ...countries]);
      for (const number of reading.kind === 'numbers' ? reading.numbers : [])
        expect(number).toMatch(/^[1-9]\d{5,14}$/);
    }),
  );
});

test('a mask never shows more than the country code and four digits', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^\d{6,15}$/), (digits) => {
      const shown = maskPhone(digits as PhoneDigits)
        .replace(/^\+\d{1,3} /, '')
        .replace(/\D/g, '');
      expect(shown.length).toBeLessThanOrEqual(4);
      expect(digits.endsWith(shown)).toBe(true);
    }),
  );
});
