import { phoneFromDisplay } from '../domain/phone.ts';

export type ConnectionForm = {
  token: string;
  wabaId: string;
  phoneNumberId: string;
  /** The number as its customers see it; needed only where the token may not look it up. */
  displayNumber: string | null;
  /** Null: found or created through the token. */
  datasetId: string | null;
  /** The secret of the merchant's own Meta app, when that app receives this number's webhooks. */
  appSecret: string | null;
};
export type ConnectionField = keyof ConnectionForm;
export type FieldProblem<F extends string = ConnectionField> = { field: F; problem: string; fix: string };

/** Where each value is found. */
export const WHERE: Readonly<Record<ConnectionField, string>> = {
  token: 'Paste the whole token, without spaces.',
  wabaId: 'Copy the account ID from WhatsApp Manager.',
  phoneNumberId: 'It is the phone number ID, not the phone number. Copy it from API Setup in your Meta app.',
  displayNumber: 'Enter it with its country code, like +55 11 91234-5678.',
  datasetId: 'Copy the dataset ID from Events Manager.',
  appSecret: 'Copy the app secret from Meta for Developers: your app, App settings, Basic.',
};
const NAMES = {
  wabaId: 'WhatsApp Business Account ID',
  phoneNumberId: 'phone number ID',
  datasetId: 'dataset ID',
} as const;
type IdField = keyof typeof NAMES;
const ID_FIELDS = Object.keys(NAMES) as IdField[];

/** Everything that is wrong with the values by their looks alone. */
export function checkForm(form: ConnectionForm): FieldProblem[] {
  const fields: ConnectionField[] = ['token', ...ID_FIELDS, 'displayNumber', 'appSecret'];
  return fields.flatMap((field) => checkLooks(form, field) ?? []);
}

/** What is wrong with one value by its looks, beside the other ids; null when nothing is. */
export function checkLooks(form: ConnectionForm, field: ConnectionField): FieldProblem | null {
  const wrong = (problem: string, fix = WHERE[field]): FieldProblem => ({ field, problem, fix });
  const value = form[field];
  switch (field) {
    case 'token':
      return isToken(form.token) ? null : wrong('This is not an access token.');
    case 'appSecret':
      return value === null || /^\S{16,128}$/.test(value) ? null : wrong('This is not an app secret.');
    case 'displayNumber':
      return value === null || phoneFromDisplay(value) !== null
        ? null
        : wrong('This is not a phone number with its country code.');
    case 'datasetId':
      if (value === null) return null;
      return idProblem(value, wrong) ?? twinProblem(form, field, wrong);
    case 'phoneNumberId':
      return idProblem(value ?? '', wrong) ?? twinProblem(form, field, wrong);
    case 'wabaId':
      return idProblem(value ?? '', wrong);
  }
}

/** Whether a text may be an access token: Meta promises nothing about its form but that it is one word. */
export function isToken(text: string): boolean {
  return /^\S{20,4096}$/.test(text);
}

export function isGraphId(text: string): boolean {
  return /^\d{5,25}$/.test(text);
}

type Wrong = (problem: string, fix?: string) => FieldProblem;

function idProblem(value: string, wrong: Wrong): FieldProblem | null {
  if (isGraphId(value)) return null;
  return /^act_\d+$/.test(value)
    ? wrong('This is the ID of an ad account.')
    : wrong('This ID must be digits only.');
}

/** An id that stands in an earlier field as well cannot be right here too. */
function twinProblem(form: ConnectionForm, field: IdField, wrong: Wrong): FieldProblem | null {
  const earlier = ID_FIELDS.slice(0, ID_FIELDS.indexOf(field));
  const twin = earlier.find((other) => form[other] === form[field]);
  return twin === undefined ? null : wrong(`This is the ${NAMES[twin]}, not a ${NAMES[field]}.`);
}
