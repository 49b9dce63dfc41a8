import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson, writeJson } from '../../app/domain/json.ts';

// JSON knows neither a negative zero nor the difference between a small bigint and a number.
const leaf = fc.oneof(
  fc.string(),
  fc.boolean(),
  fc.constant(null),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
  fc.maxSafeInteger(),
  fc.bigInt({ min: 2n ** 53n, max: 10n ** 30n }),
  fc.bigInt({ min: -(10n ** 30n), max: -(2n ** 53n) }),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('tree')),
    fc.dictionary(fc.string(), tie('tree')),
  ),
}));

/** A double that JSON writes as bare digits comes back exact, and so as a bigint. */
function asRead(value: unknown): unknown {
  if (typeof value === 'number') {
    const digits = JSON.stringify(value);
    return !Number.isSafeInteger(value) && /^-?\d+$/.test(digits) ? BigInt(digits) : value;
  }
  if (Array.isArray(value)) return value.map(asRead);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, asRead(part)]));
}

test('whatever is written is read back the same', () => {
  fc.assert(
    fc.property(tree, (value) => {
      expect(parseJson(writeJson(value))).toEqual({ kind: 'value', value: asRead(value) });
    }),
  );
});

test('the digits of an integer never change, however long it is and wherever it stands', () => {
  const digits = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String);
  fc.assert(
    fc.property(
      digits,
      fc.constantFrom('%', '[%]', '[1,%]', '{"a":%}', '{"a":{"b":[%]}}'),
      (number, shape) => {
        const text = shape.replace('%', number);
        const parsed = parseJson(text);
        expect(parsed.kind === 'value' && writeJson(parsed.value)).toBe(text);
      },
    ),
  );
});

test('no text makes it throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(['value', 'not_json']).toContain(parseJson(text).kind);
    }),
  );
});
