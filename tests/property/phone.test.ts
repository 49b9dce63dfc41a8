import fc from 'fast-check';
import { getCountries, getCountryCallingCode, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { CountryCode } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { expect, test } from 'vitest';
import { isPlaceholder, maskPhone, readPhone, whatsappForms } from '../../app/domain/phone.ts';
import type { PhoneDigits } from '../../app/domain/phone.ts';

type Subscriber = { country: CountryCode; callingCode: string; national: string; e164: PhoneDigits };

function validMobile(country: CountryCode, national: string): Subscriber | null {
  const callingCode: string = getCountryCallingCode(country);
  const read = parsePhoneNumberFromString(`+${callingCode}${national}`);
  if (read?.isValid() !== true || !/MOBILE/.test(read.getType() ?? '')) return null;
  return { country, callingCode, national, e164: read.number.slice(1) as PhoneDigits };
}

const MOBILE_COUNTRIES = getCountries().filter((country) => validMobile(country, examples[country] ?? ''));

function digits(length: number): fc.Arbitrary<string> {
  return fc.stringMatching(new RegExp(`^\\d{${length}}$`));
}

function mobile(country: CountryCode, start: fc.Arbitrary<string>, rest: number): fc.Arbitrary<Subscriber> {
  return fc
    .tuple(start, digits(rest))
    .map(([first, tail]) => validMobile(country, first + tail))
    .filter((found) => found !== null);
}

const anywhere = fc.constantFrom(...MOBILE_COUNTRIES).chain((country) => {
  const example: string = examples[country] ?? '';
  const varied = Math.min(4, example.length - 2);
  return mobile(country, fc.constant(example.slice(0, -varied)), varied);
});
/** Where WhatsApp's id may differ from the number. */
const renumbered = fc.oneof(
  mobile('BR', fc.constantFrom('119', '219', '319', '479', '619', '859'), 8),
  mobile('MX', fc.constantFrom('551', '333', '814', '6561'), 7).filter(
    ({ national }) => national.length === 10,
  ),
  mobile('AR', fc.constantFrom('9112', '93514', '93415'), 7).filter(({ national }) => national.length === 11),
  mobile('CI', fc.constantFrom('01', '05', '07'), 8),
  mobile('BJ', fc.constantFrom('019', '016', '014'), 7),
  mobile('VN', fc.constantFrom('70', '79', '83', '32', '39', '56', '59', '90', '98'), 7),
);
const subscriber = fc.oneof(anywhere, renumbered);

/** The ways people write a national number, old habits included. */
function nationalWritings({ country, national, callingCode }: Subscriber): string[] {
  const official = parsePhoneNumberFromString(`+${callingCode}${national}`)?.formatNational() ?? national;
  const old = whatsappForms(`${callingCode}${national}` as PhoneDigits).map(({ digits: form }) =>
    form.slice(callingCode.length),
  );
  switch (country) {
    case 'BR':
      return [official, ...old, `0${national}`, `015${national}`];
    case 'MX':
      return [official, ...old, `01${national}`, `044${national}`, `045${national}`];
    case 'AR':
      // Without both the 9 and the 15 it is written like a landline, and read like one.
      return [official, national];
    case 'VN':
      return [official, ...old, ...old.map((form) => `0${form}`)];
    default:
      return [official, ...old];
  }
}

const gap = fc.constantFrom('', '', '', ' ', '-', '.', ' - ', ' (', ') ');
const extension = fc.constantFrom('', '', '', ' ext. 12', ' x7', ' ramal 204', ' #31', ' int 5');

function spaced(text: string): fc.Arbitrary<string> {
  return fc.tuple(fc.integer({ min: 1, max: text.length - 1 }), gap, gap).map(([at, one, two]) => {
    const half = Math.ceil((at + text.length) / 2);
    return (
      text.slice(0, at) + one + text.slice(at, half) + (half < text.length ? two : '') + text.slice(half)
    );
  });
}

const typed = subscriber.chain((person) => {
  const international = fc
    .tuple(fc.constantFrom('+', '00', '+ ', '(+)', '+00', ''), spaced(person.e164))
    .map(([prefix, text]) => prefix + text);
  const official = parsePhoneNumberFromString(`+${person.e164}`)?.formatInternational() ?? '';
  const national = fc
    .constantFrom(...nationalWritings(person))
    .chain((text) => fc.oneof(fc.constant(text), fc.constant(text.replace(/\D/g, '')).chain(spaced)));
  return fc.record({
    person: fc.constant(person),
    raw: fc
      .tuple(fc.oneof(international, national, fc.constant(official)), extension)
      .map((parts) => parts.join('')),
  });
});

test('however a buyer writes the number, it leads to whatever WhatsApp may call it and to nobody else', () => {
  fc.assert(
    fc.property(typed, ({ person, raw }) => {
      const reading = readPhone(raw, [person.country]);
      const read = reading.kind === 'numbers' ? reading.numbers : [];
      expect(read.length, raw).toBeGreaterThan(0);
      const forms = whatsappForms(person.e164).map((form) => form.digits);
      for (const number of read) {
        expect(
          whatsappForms(number)
            .map((form) => form.digits)
            .toSorted(),
        ).toEqual(forms.toSorted());
      }
    }),
    { numRuns: 3_000 },
  );
});

test('the right country leads there too when wrong ones come first', () => {
  fc.assert(
    fc.property(
      typed,
      fc.array(fc.constantFrom(...MOBILE_COUNTRIES), { maxLength: 2 }),
      ({ person, raw }, wrong) => {
        const reading = readPhone(raw, [...wrong, person.country]);
        const forms = reading.kind === 'numbers' ? reading.numbers.flatMap(whatsappForms) : [];
        expect(
          forms.map((form) => form.digits),
          raw,
        ).toContain(person.e164);
      },
    ),
    { numRuns: 2_000 },
  );
});

/** A number that a slip of the finger away from another, or the same start with another end. */
const neighbours = fc.tuple(
  subscriber,
  digits(4),
  fc.nat(),
  fc.constantFrom('change', 'insert', 'drop', 'end'),
);

test('two different subscribers never share a form, but for Argentina’s landlines, which say so', () => {
  fc.assert(
    fc.property(neighbours, ([person, four, place, slip]) => {
      const { e164, callingCode } = person;
      const at = callingCode.length + (place % (e164.length - callingCode.length));
      const replaced = {
        change: [four.slice(0, 1), 1],
        insert: [four.slice(0, 1), 0],
        drop: ['', 1],
      } as const;
      const other =
        slip === 'end'
          ? e164.slice(0, -4) + four
          : e164.slice(0, at) + replaced[slip][0] + e164.slice(at + replaced[slip][1]);
      fc.pre(other !== e164 && parsePhoneNumberFromString(`+${other}`)?.isValid() === true);

      const mine = new Map(whatsappForms(e164).map((form) => [form.digits, form.basis]));
      // Libphonenumber still calls some numbers valid that were renumbered: those are the same subscriber's.
      fc.pre((mine.get(other as PhoneDigits) ?? 'argentina_mobile_nine') === 'argentina_mobile_nine');
      for (const { digits: form, basis } of whatsappForms(other as PhoneDigits)) {
        const shared = mine.get(form);
        if (shared !== undefined) expect([shared, basis]).toContain('argentina_mobile_nine');
      }
    }),
    { numRuns: 3_000 },
  );
});

test('a number is among the forms of each of its forms, by the same basis, and the forms are distinct', () => {
  fc.assert(
    fc.property(subscriber, ({ e164 }) => {
      const forms = whatsappForms(e164);
      expect(new Set(forms.map((form) => form.digits)).size).toBe(forms.length);
      for (const { digits: form, basis } of forms) {
        expect(whatsappForms(form)).toContainEqual({ digits: e164, basis });
      }
    }),
    { numRuns: 1_000 },
  );
});

test('a number written in full is read as itself alone, whatever the country hints say', () => {
  fc.assert(
    fc.property(
      subscriber,
      fc.array(fc.constantFrom('BR', 'US', 'IN', 'AR', 'xx', '')),
      ({ e164 }, countries) => {
        expect(readPhone(`+${e164}`, countries)).toEqual({ kind: 'numbers', numbers: [e164] });
      },
    ),
  );
});

test('two numbers in one field are both read, whatever stands between them', () => {
  const between = fc.constantFrom(
    ' / ',
    '/',
    ', ',
    '; ',
    ' or ',
    ' e ',
    ' y ',
    ' & ',
    '\n',
    ' ',
    ' - ',
    ' | ',
  );
  const people = fc.constantFrom(...(['BR', 'IN', 'MX', 'GB', 'US', 'ID'] as const)).chain((country) => {
    const example: string = examples[country] ?? '';
    return fc.array(mobile(country, fc.constant(example.slice(0, -4)), 4), { minLength: 2, maxLength: 2 });
  });
  fc.assert(
    fc.property(people, between, fc.constantFrom('', '+'), (pair, separator, plus) => {
      const raw = pair.map((one) => (plus ? `+${one.e164}` : one.national)).join(separator);
      const numbers = [...new Set(pair.map((one) => one.e164))];
      expect(
        readPhone(
          raw,
          pair.map((one) => one.country),
        ),
      ).toEqual({ kind: 'numbers', numbers });
    }),
  );
});

const repeated = (length: number): string[] =>
  Array.from({ length: 10 }, (_, digit) => String(digit).repeat(length));
const runs = [1, 9].flatMap((step) =>
  Array.from({ length: 10 }, (_, first) =>
    Array.from({ length: 10 }, (__, n) => (first + n * step) % 10).join(''),
  ),
);
const PLACEHOLDER_ENDINGS = [...repeated(7), ...runs];

test('a placeholder is known by its last seven or ten digits', () => {
  const long = subscriber.filter(({ national }) => national.length >= 10);
  const ending = fc.oneof(fc.constantFrom(...PLACEHOLDER_ENDINGS), digits(7), digits(10));
  fc.assert(
    fc.property(long, ending, ({ e164 }, last) => {
      const number = (e164.slice(0, -last.length) + last) as PhoneDigits;
      const expected = PLACEHOLDER_ENDINGS.some((one) => number.endsWith(one));
      expect(isPlaceholder(number)).toBe(expected);
    }),
    { numRuns: 1_000 },
  );
});

test('of the numbers that can be subscribers hardly any is taken for a placeholder', () => {
  const people = fc.sample(subscriber, { numRuns: 20_000, seed: 4 });
  expect(people.filter(({ e164 }) => isPlaceholder(e164)).length).toBeLessThanOrEqual(2);
});

test('every form of a number gets the same answer to whether it is a placeholder', () => {
  fc.assert(
    fc.property(renumbered, fc.constantFrom('', ...PLACEHOLDER_ENDINGS), ({ e164 }, last) => {
      const number = (e164.slice(0, e164.length - last.length) + last) as PhoneDigits;
      const answers = whatsappForms(number).map((form) => isPlaceholder(form.digits));
      expect(new Set(answers).size).toBe(1);
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
    fc.property(fc.stringMatching(/^\d{6,15}$/), (number) => {
      const shown = maskPhone(number as PhoneDigits)
        .replace(/^\+\d{1,3} /, '')
        .replace(/\D/g, '');
      expect(shown.length).toBeLessThanOrEqual(4);
      expect(number.endsWith(shown)).toBe(true);
    }),
  );
});
