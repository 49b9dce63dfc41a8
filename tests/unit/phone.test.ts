import { expect, test } from 'vitest';
import {
  countryOfMask,
  countryOfPhone,
  isPlaceholder,
  maskPhone,
  phoneFromWhatsApp,
  readPhone,
  whatsappForms,
} from '../../app/domain/phone.ts';
import type { PhoneDigits } from '../../app/domain/phone.ts';

function digits(text: string): PhoneDigits {
  return text as PhoneDigits;
}

test.each([
  ['(11) 98765-4321', ['BR'], '5511987654321'],
  ['011 98765-4321', ['BR'], '5511987654321'],
  ['0 15 11 98765-4321', ['BR'], '5511987654321'],
  ['+55 11 98765-4321', [], '5511987654321'],
  ['(+55) 11 98765-4321', ['US'], '5511987654321'],
  ['0055 11 98765-4321', ['US'], '5511987654321'],
  ['+0055 11 98765-4321', ['US'], '5511987654321'],
  ['5511987654321', ['US'], '5511987654321'],
  ['+11 98765-4321', ['BR'], '5511987654321'],
  ['tel: 11 98765-4321', ['br'], '5511987654321'],
  ['11 98765–4321', ['BR'], '5511987654321'],
  ['٠١١٩٨٧٦٥٤٣٢١', ['BR'], '5511987654321'],
  ['(11) 8765-4321', ['BR'], '5511987654321'],
  ['+55 11 8765-4321', [], '5511987654321'],
  ['11 3876-5432 ramal 22', ['BR'], '551138765432'],
  ['+1 650 253 0000 ext. 5', [], '16502530000'],
  ['1-800-FLOWERS', ['US'], '18003569377'],
  ['55 1234 5678', ['MX'], '525512345678'],
  ['044 55 1234 5678', ['MX'], '525512345678'],
  ['01 55 1234 5678', ['MX'], '525512345678'],
  ['+52 1 55 1234 5678', [], '525512345678'],
  ['011 15-2345-6789', ['AR'], '5491123456789'],
  ['+54 11 15-2345-6789', [], '5491123456789'],
  ['+44 (0)20 7946 0018', [], '442079460018'],
  ['030/901820', ['DE'], '4930901820'],
  ['0411 846 664', ['BR', 'AU'], '61411846664'],
  ['+39 2 1234 5678', [], '390212345678'],
  ['+39 02 1234 5678', [], '390212345678'],
  ['+39 0347 123 4567', [], '393471234567'],
  ['+391 520 5462', ['IT'], '393915205462'],
  ['07 08 12 34', ['CI'], '2250707081234'],
  ['+225 45 12 34 99', [], '2250545123499'],
  ['97 12 34 55', ['BJ'], '2290197123455'],
  ['0168 765 4329', ['VN'], '84387654329'],
  ['0612 345 987', ['ES'], '34612345987'],
  ['+55 011 98765-4321', [], '5511987654321'],
  ['4915123454819 #31', ['DE'], '4915123454819'],
  ['+1 650 253 0000 x7', [], '16502530000'],
])('%j with hints %j is read as %s', (raw, countries, expected) => {
  const reading = readPhone(raw, countries);
  expect(reading.kind === 'numbers' && reading.numbers[0]).toBe(expected);
});

test.each([
  '98765 43210 / 98765 43211',
  '98765 43210; 98765 43211',
  '9876543210 or 9876543211',
  '+919876543210+919876543211',
  '+919876543210 - +919876543211',
  '98765 43210 98765 43211',
  '9876543210 - 9876543211',
])('two numbers in %j are both read', (raw) => {
  expect(readPhone(raw, ['IN'])).toEqual({ kind: 'numbers', numbers: ['919876543210', '919876543211'] });
});

test('the first country hint that fits comes first, and the others are kept', () => {
  const reading = readPhone('8123456789', ['US', 'IN']);
  expect(reading).toEqual({ kind: 'numbers', numbers: ['18123456789', '918123456789'] });
});

test.each([null, '', '   ', '-', '+'])('%j is empty', (raw) => {
  expect(readPhone(raw, ['BR'])).toEqual({ kind: 'empty' });
});

test.each(['123', 'none', '000000000', '+1 555 000', '1'.repeat(500), '(11) 98765-4321'])(
  '%j without a fitting country is invalid',
  (raw) => {
    expect(readPhone(raw, ['XX'])).toEqual({ kind: 'invalid' });
  },
);

test.each([
  ['5511987654321', ['5511987654321', '551187654321']],
  ['551187654321', ['551187654321', '5511987654321']],
  ['525512345678', ['525512345678', '5215512345678']],
  ['5215512345678', ['5215512345678', '525512345678']],
  ['5491123456789', ['5491123456789', '541123456789']],
  ['541123456789', ['541123456789', '5491123456789']],
  ['16502530000', ['16502530000']],
  ['2250707081234', ['2250707081234', '22507081234']],
  ['2250545123499', ['2250545123499', '22545123499']],
  ['22540123499', ['22540123499', '2250140123499']],
  ['2290197123455', ['2290197123455', '22997123455']],
  ['84387654329', ['84387654329', '841687654329']],
  ['841207654329', ['841207654329', '84707654329']],
])('WhatsApp may know %s as %j', (number, expected) => {
  expect(whatsappForms(digits(number)).map((form) => form.digits)).toEqual(expected);
});

test('a Brazilian landline never gets a nine, and no mobile number becomes a landline', () => {
  expect(whatsappForms(digits('551138765432'))).toEqual([{ digits: '551138765432', basis: 'same' }]);
  expect(whatsappForms(digits('5511938765432'))).toEqual([{ digits: '5511938765432', basis: 'same' }]);
});

test('a number that was given out after the renumbering has no form from before', () => {
  // The second digit used to tell the operator: Orange's 07 never went with MTN's 4 to 6.
  expect(whatsappForms(digits('2250745123499'))).toHaveLength(1);
  expect(whatsappForms(digits('84901234987'))).toHaveLength(1);
});

test.each([
  ['5511999999999', '551199999999', '919876543210', '911234567890', '12125555555', '919000000000'],
  ['299222222', '447000000000', '910123456789'],
])('%s and the like are placeholders', (...numbers) => {
  expect(numbers.filter((number) => !isPlaceholder(digits(number)))).toEqual([]);
});

test.each([
  ['919876543211', '919876543201', '16502530000', '5511999999998', '5511998877665', '447123456780'],
  ['525512345679', '4915112312312', '299222223', '6834444', '12125551234', '5511900000001'],
  ['5511987654321', '551187654321', '5511912345678', '447123456789', '493012345678'],
])('%s and the like may be somebody’s', (...numbers) => {
  expect(numbers.filter((number) => isPlaceholder(digits(number)))).toEqual([]);
});

test('each form says why it is one', () => {
  expect(whatsappForms(digits('551187654321'))[1]?.basis).toBe('brazil_ninth_digit');
  expect(whatsappForms(digits('525512345678'))[1]?.basis).toBe('mexico_mobile_one');
  expect(whatsappForms(digits('541123456789'))[1]?.basis).toBe('argentina_mobile_nine');
  expect(whatsappForms(digits('22507081234'))[1]?.basis).toBe('cote_divoire_operator_prefix');
  expect(whatsappForms(digits('22997123455'))[1]?.basis).toBe('benin_prefix');
  expect(whatsappForms(digits('841687654329'))[1]?.basis).toBe('vietnam_mobile_prefix');
});

test('WhatsApp ids are taken as they are, with or without plus', () => {
  expect(['16505551234', '+16505551234', '5215512345678', '551187654321'].map(phoneFromWhatsApp)).toEqual([
    '16505551234',
    '16505551234',
    '5215512345678',
    '551187654321',
  ]);
});

test('what is not 6 to 15 digits is no WhatsApp id', () => {
  const raw = [null, '', '12345', '1234567890123456', 'US.13491208655302741918', '1650 555'];
  expect(raw.map(phoneFromWhatsApp)).toEqual(raw.map(() => null));
});

test('a masked number shows its country code and last four digits only', () => {
  expect(maskPhone(digits('5511987654321'))).toBe('+55 ••••• 4321');
  expect(maskPhone(digits('5215512345678'))).toBe('+52 ••••• 5678');
  expect(maskPhone(digits('999999999999999'))).toBe('••••• 9999');
});

test('a short number shows even less', () => {
  expect(maskPhone(digits('290123456'))).toBe('+290 ••••• 56');
});

test.each([
  ['5511987654321', 'BR'],
  ['551187654321', 'BR'],
  ['5215512345678', 'MX'],
  ['15550783881', 'US'],
  ['16502530000', 'US'],
  ['919876543210', 'IN'],
  ['999999999999', null],
])('%s belongs to %s', (number, country) => {
  expect(countryOfPhone(digits(number))).toBe(country);
});

test.each([
  ['+1 ••••• 3881', 'US', 'US'],
  ['+1 ••••• 3881', 'CA', 'CA'],
  ['+1 ••••• 3881', 'BR', 'US'],
  ['+1 ••••• 3881', null, 'US'],
  ['+55 ••••• 4321', 'US', 'BR'],
  ['+55 ••••• 4321', null, 'BR'],
  ['••••• 9999', 'US', null],
])('the mask %s seen near %s belongs to %s', (masked, near, country) => {
  expect(countryOfMask(masked, near)).toBe(country);
});
