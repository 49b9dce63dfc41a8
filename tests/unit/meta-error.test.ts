import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { explainMetaError } from '../../app/domain/meta-error-words.ts';
import { classifyError, errorCode, META_ERRORS } from '../../app/domain/meta-error.ts';

const UNKNOWN = explainMetaError('999999');
const JARGON = /CAPI|payload|ctwa|clid|HTTP|JSON|webhook|null|undefined|_/;
// Everything that Meta documents or that integrators report for the calls Tieback makes.
const REPORTED = [
  ...[
    '1',
    '1/99',
    '2',
    '4',
    '4/1504022',
    '4/1504039',
    '10',
    '17',
    '17/2446079',
    '32',
    '100/33',
    '102',
    '104',
    '190',
  ],
  ...[
    '190/460',
    '190/463',
    '190/467',
    '200',
    '294',
    '341',
    '368',
    '613',
    '613/1487742',
    '613/5044001',
    '2635',
  ],
  ...['80000', '80003', '80004', '80014'],
  ...[
    1, 3, 4, 7, 8, 9, 14, 16, 17, 19, 23, 43, 48, 50, 63, 64, 65, 66, 69, 71, 73, 75, 79, 87, 116, 131, 132,
    133,
  ].map((last) => `100/${2_804_000 + last}`),
];

test.each(REPORTED)('%s is known, with its meaning, whose fault it is and what to do', (code) => {
  const words = explainMetaError(code);
  expect(words).not.toEqual(UNKNOWN);
  for (const text of [words.meaning, words.fix]) {
    expect(text).toMatch(/^[A-Z].*\.$/s);
    expect(text).not.toMatch(JARGON);
  }
  expect(words.title).toMatch(/^[A-Z][\w ,;’-]{5,45}$/);
});

test('no error is listed twice', () => {
  const codes = META_ERRORS.map(errorCode);
  expect(new Set(codes).size).toBe(codes.length);
});

test('a subcode that is not known is explained by its code, and a code that is not by saying so', () => {
  expect(explainMetaError('190/999')).toEqual(explainMetaError('190'));
  for (const code of ['100/1', '31', '', '100/', 'toString', '100/2804087/1']) {
    expect(explainMetaError(code)).toEqual(UNKNOWN);
  }
});

test('what pauses a number is for the merchant to put right, and only what is final is called refused', () => {
  for (const known of META_ERRORS) {
    if (known.action === 'wiring') expect(known.whose).toBe('merchant');
    expect(known.action === 'refused').toBe(known.reason.startsWith('refused_'));
  }
});

test('every error, known or not, has one verdict, and a passing fault is never final', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.constantFrom(...META_ERRORS.map(({ code }) => code)), fc.nat()),
      fc.oneof(fc.constantFrom(...META_ERRORS.map(({ subcode }) => subcode)), fc.option(fc.nat())),
      fc.boolean(),
      fc.constantFrom(400, 401, 403, 429, 500, 503),
      (code, subcode, transient, status) => {
        const verdict = classifyError({ code, subcode, transient, fbtraceId: null }, status);
        expect(['refused', 'retry', 'wiring']).toContain(verdict.action);
        const isListed = META_ERRORS.some((known) => known.code === code && known.subcode === subcode);
        if (
          transient &&
          !isListed &&
          !META_ERRORS.some((known) => known.code === code && known.subcode === null)
        ) {
          if (!(code >= 200 && code <= 299)) expect(verdict.action).toBe('retry');
        }
      },
    ),
  );
});

test('the page for operators lists every error as it is explained', () => {
  const page = readFileSync(new URL('../../docs/meta.md', import.meta.url), 'utf8');
  const rows = page.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  for (const known of META_ERRORS) {
    const row = rows.find((cells) => cells[1] === `\`${errorCode(known)}\``) ?? [];
    expect(row.slice(2, 6)).toEqual([known.title, known.meaning, known.whose, known.fix]);
  }
});
