import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  API_PROBLEM_CODES,
  API_PROBLEMS,
  problemBody,
  problemSchema,
  unattributed,
} from '../../app/domain/api-problem.ts';
import { NOT_ATTRIBUTED_REASONS } from '../../app/domain/reason.ts';

test('docs/api.md lists exactly the problems that there are, with their statuses and words', () => {
  const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
  const listed = [...page.matchAll(/^\| (\d{3}) +\| `(\w+)` +\| (.+?) +\|$/gm)].map(
    ([, status, code, message]) => ({
      code,
      status: Number(status),
      message,
    }),
  );
  expect(listed).toEqual(
    API_PROBLEM_CODES.map((code) => ({
      code,
      status: API_PROBLEMS[code].status,
      message: API_PROBLEMS[code].message,
    })),
  );
});

test.each(API_PROBLEM_CODES)('%s is told as the schema says, in sentences', (code) => {
  const fields = [{ path: 'value', message: 'is missing' }];
  for (const body of [problemBody({ code }), problemBody({ code, fields })])
    expect(problemSchema.parse(body)).toEqual(body);
  expect(problemBody({ code }).error).not.toHaveProperty('fields');
  const { message, fix } = API_PROBLEMS[code];
  for (const words of [message, fix]) expect(words).toMatch(/^[A-Z].*\.$/);
});

test('every reason for which an event is no ad’s is a problem of its own', () => {
  const codes = NOT_ATTRIBUTED_REASONS.map((reason) => [reason, unattributed(reason)]);
  expect(Object.fromEntries(codes)).toEqual({
    no_phone: 'conversation_not_found',
    phone_hidden: 'conversation_not_found',
    phone_invalid: 'conversation_not_found',
    phone_shared: 'conversation_not_found',
    no_conversation: 'conversation_not_found',
    no_ad_click: 'no_ad_click',
    click_outside_window: 'click_outside_window',
    click_after_order: 'click_after_order',
  });
});
