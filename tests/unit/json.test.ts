import { expect, test } from 'vitest';
import { jsonId, jsonText, parseJson, writeJson } from '../../app/domain/json.ts';

test('integers beyond 2^53 survive a round trip', () => {
  const text = '{"id":820982911946154508,"list":[-9007199254740993, 1]}';
  expect(parseJson(text)).toEqual({
    kind: 'value',
    value: { id: 820982911946154508n, list: [-9007199254740993n, 1] },
  });
  const parsed = parseJson(text);
  expect(writeJson(parsed.kind === 'value' ? parsed.value : null)).toBe(text.replace(' ', ''));
});

test('a big integer alone and one after white space are seen', () => {
  expect(parseJson('820982911946154508')).toEqual({ kind: 'value', value: 820982911946154508n });
  expect(parseJson('{"id" :\n  820982911946154508}')).toEqual({
    kind: 'value',
    value: { id: 820982911946154508n },
  });
});

test('long digits in a text stay a text and decimals stay numbers', () => {
  expect(
    parseJson('{"a":"120226305854810726","b":1234567890123456.5,"c":1e20,"d":9007199254740991}'),
  ).toEqual({
    kind: 'value',
    value: { a: '120226305854810726', b: 1234567890123456.5, c: 1e20, d: 9007199254740991 },
  });
});

test.each(['', '{', 'undefined', '{"a":1,}', '<html>'])('%j is not JSON', (text) => {
  expect(parseJson(text)).toEqual({ kind: 'not_json' });
});

test('what JSON cannot hold is written as null', () => {
  expect(writeJson(undefined)).toBe('null');
});

test('a text is a string with something in it, without NUL', () => {
  expect(['a\u0000b', '', '  ', 7, null].map(jsonText)).toEqual(['ab', null, null, null, null]);
});

test('an id may be a text, an integer or a big integer', () => {
  expect(['7', 7, 7n, 7.5, {}, null].map(jsonId)).toEqual(['7', '7', '7', null, null, null]);
});
