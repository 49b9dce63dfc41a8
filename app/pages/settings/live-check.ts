import { useFetcher } from '@remix-run/react';
import { useState } from 'react';
import type { ConnectionField } from '../../pipeline/connect-form.ts';
import type { SettingsOutcome } from './act.ts';

export type ConnectValues = Record<ConnectionField, string>;
/** What is known of a field's value as it stands now. */
export type FieldState =
  | { kind: 'unchecked' }
  | { kind: 'checking' }
  | { kind: 'fine'; detail: string }
  | { kind: 'wrong'; words: string }
  | { kind: 'unreachable' };

const FIELDS: readonly ConnectionField[] = [
  'token',
  'wabaId',
  'phoneNumberId',
  'displayNumber',
  'datasetId',
  'appSecret',
];
// What is known of a value holds while it and those that it was checked with stay as they are.
const CHECKED_WITH: Readonly<Record<ConnectionField, readonly ConnectionField[]>> = {
  token: ['token'],
  wabaId: ['token', 'wabaId'],
  phoneNumberId: ['token', 'wabaId', 'phoneNumberId'],
  displayNumber: ['displayNumber'],
  datasetId: ['token', 'wabaId', 'datasetId'],
  appSecret: ['token', 'appSecret'],
};

/** Has Meta asked about each value as soon as its field is left, and says what came of it. */
export function useLiveCheck(values: ConnectValues): {
  check: (field: ConnectionField) => void;
  stateOf: (field: ConnectionField) => FieldState;
  /** The token may not look things up, so that more has to be typed. */
  byHand: boolean;
} {
  const fetchers = {
    token: useFetcher<SettingsOutcome>(),
    wabaId: useFetcher<SettingsOutcome>(),
    phoneNumberId: useFetcher<SettingsOutcome>(),
    displayNumber: useFetcher<SettingsOutcome>(),
    datasetId: useFetcher<SettingsOutcome>(),
    appSecret: useFetcher<SettingsOutcome>(),
  };
  const [asked, setAsked] = useState<Partial<Record<ConnectionField, ConnectValues>>>({});

  const isCurrent = (field: ConnectionField): boolean =>
    asked[field] !== undefined && CHECKED_WITH[field].every((one) => asked[field]?.[one] === values[one]);

  /** The answer about a field, while it is about what stands there now. */
  function answerTo(field: ConnectionField) {
    const { state, data } = fetchers[field];
    if (!isCurrent(field) || state !== 'idle' || data?.kind !== 'checked') return null;
    return data.check;
  }

  function check(field: ConnectionField) {
    if (values[field].trim() === '' || isCurrent(field)) return;
    setAsked((before) => ({ ...before, [field]: values }));
    fetchers[field].submit({ intent: 'check_value', field, ...values }, { method: 'post' });
  }

  function stateOf(field: ConnectionField): FieldState {
    for (const other of FIELDS) {
      const answer = answerTo(other);
      if (answer?.kind === 'wrong' && answer.field === field)
        return { kind: 'wrong', words: `${answer.problem} ${answer.fix}` };
    }
    if (isCurrent(field) && fetchers[field].state !== 'idle') return { kind: 'checking' };
    const own = answerTo(field);
    if (own?.kind === 'fine' && own.detail !== '') return { kind: 'fine', detail: own.detail };
    return own?.kind === 'unreachable' ? { kind: 'unreachable' } : { kind: 'unchecked' };
  }

  const account = answerTo('wabaId');
  return { check, stateOf, byHand: account?.kind === 'fine' && account.byHand };
}
