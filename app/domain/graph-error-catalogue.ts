import type { EventReason } from './reason.ts';

/** `wiring`: every event of the connection would be refused until a person puts it right. */
export type Verdict = { action: 'refused' | 'retry' | 'wiring'; reason: EventReason };
/** Who can do something about it. */
export type Whose = 'merchant' | 'tieback' | 'meta' | 'nobody';
export type ErrorWords = { title: string; meaning: string; whose: Whose; fix: string };
/** One of Meta's errors, what Tieback does about it, and the words for people. `subcode` null: whatever the subcode. */
export type KnownError = { code: number; subcode: number | null } & Verdict & ErrorWords;

const WAIT = 'Nothing needs to be done: Tieback waits as long as Meta asks, and sends again.';
const NEW_TOKEN = 'Make a new access token in Meta’s business settings and replace it in Tieback’s settings.';
const GIVE_ACCESS =
  'In Meta’s business settings, give the token’s system user full access to the WhatsApp account and to its dataset.';
const TELL_TEAM = 'Send this code and the trace ID to the team that runs Tieback.';

const UNAVAILABLE = { action: 'retry', reason: 'meta_unavailable', whose: 'meta', fix: WAIT } as const;
const THROTTLED = { action: 'retry', reason: 'throttled', whose: 'nobody', fix: WAIT } as const;
const TOKEN = { action: 'wiring', reason: 'wiring_token', whose: 'merchant', fix: NEW_TOKEN } as const;
const PERMISSION = {
  action: 'wiring',
  reason: 'wiring_permission',
  whose: 'merchant',
  fix: GIVE_ACCESS,
} as const;
const DATASET = { action: 'wiring', reason: 'wiring_dataset', whose: 'merchant', fix: GIVE_ACCESS } as const;

/**
 * Errors of the Graph and the Marketing API: https://developers.facebook.com/docs/graph-api/guides/error-handling,
 * https://developers.facebook.com/docs/marketing-api/error-reference and
 * https://developers.facebook.com/docs/graph-api/overview/rate-limiting
 */
export const GRAPH_ERRORS: readonly KnownError[] = [
  // Meta's one unknown error that does not go away.
  {
    code: 1,
    subcode: 99,
    action: 'refused',
    reason: 'refused_payload',
    whose: 'tieback',
    title: 'Unknown error that stays',
    meaning: 'Meta could not work with the event and would not the next time either.',
    fix: TELL_TEAM,
  },
  {
    code: 1,
    subcode: null,
    ...UNAVAILABLE,
    title: 'Unknown error',
    meaning: 'Meta had a fault of its own, perhaps an outage.',
  },
  {
    code: 2,
    subcode: null,
    ...UNAVAILABLE,
    title: 'Service unavailable',
    meaning: 'Meta’s service was away for a moment.',
  },
  {
    code: 3,
    subcode: null,
    ...PERMISSION,
    title: 'Not allowed to this app',
    meaning: 'The Meta app may not use this part of Meta’s interface.',
  },
  {
    code: 4,
    subcode: 1504022,
    ...THROTTLED,
    title: 'Too many calls for insights',
    meaning: 'The Meta app asked for too many figures in too short a time.',
  },
  {
    code: 4,
    subcode: 1504039,
    ...THROTTLED,
    title: 'Too many calls for insights',
    meaning: 'The Meta app asked for too many figures in too short a time.',
  },
  {
    code: 4,
    subcode: null,
    ...THROTTLED,
    title: 'Limit of the Meta app',
    meaning: 'All shops that share the Meta app together called too often.',
  },
  {
    code: 10,
    subcode: null,
    ...PERMISSION,
    title: 'Permission missing',
    meaning: 'The access token lacks a permission for this.',
  },
  {
    code: 17,
    subcode: 2446079,
    ...THROTTLED,
    title: 'Limit of the ad account',
    meaning: 'Too many calls were made for this account.',
  },
  {
    code: 17,
    subcode: null,
    ...THROTTLED,
    title: 'Limit of the user',
    meaning: 'Too many calls were made with this access token.',
  },
  {
    code: 32,
    subcode: null,
    ...THROTTLED,
    title: 'Limit of the Page',
    meaning: 'Too many calls were made for this Page.',
  },
  {
    code: 33,
    subcode: null,
    ...DATASET,
    title: 'Not there',
    meaning: 'What the call names was deleted or cannot be seen with this access token.',
  },
  {
    code: 100,
    subcode: 33,
    ...DATASET,
    title: 'Dataset not there or not allowed',
    meaning:
      'The dataset does not exist, belongs to another business, or was not given to this access token.',
  },
  {
    code: 102,
    subcode: null,
    ...TOKEN,
    title: 'Session ended',
    meaning: 'The access token is no longer good.',
  },
  {
    code: 104,
    subcode: null,
    ...TOKEN,
    title: 'Access token missing',
    meaning: 'Meta found no access token in the call.',
  },
  {
    code: 190,
    subcode: 458,
    ...TOKEN,
    title: 'Meta app removed',
    meaning: 'The person or business took the Meta app off.',
  },
  {
    code: 190,
    subcode: 459,
    ...TOKEN,
    title: 'Person must log in',
    meaning: 'Meta wants the owner of the access token to confirm who they are.',
    fix: 'Log in at facebook.com as the person who made the token, then replace the token in Tieback’s settings.',
  },
  {
    code: 190,
    subcode: 460,
    ...TOKEN,
    title: 'Password changed',
    meaning: 'The owner of the access token changed their password, which ends their tokens.',
  },
  {
    code: 190,
    subcode: 463,
    ...TOKEN,
    title: 'Access token expired',
    meaning: 'The access token was made for a limited time, which is over.',
    fix: `${NEW_TOKEN} A system user’s token can be made to last for ever.`,
  },
  {
    code: 190,
    subcode: 464,
    ...TOKEN,
    title: 'Person not confirmed',
    meaning: 'The owner of the access token has an account that Meta has not confirmed.',
  },
  {
    code: 190,
    subcode: 467,
    ...TOKEN,
    title: 'Access token ended',
    meaning: 'The access token was taken back or the session was ended.',
  },
  {
    code: 190,
    subcode: null,
    ...TOKEN,
    title: 'Access token not valid',
    meaning: 'Meta cannot read or does not accept the access token.',
  },
  {
    code: 200,
    subcode: null,
    ...PERMISSION,
    title: 'Permission missing',
    meaning:
      'The access token may not do this. A token from Events Manager, for one, may send events but not look up accounts.',
  },
  {
    code: 294,
    subcode: null,
    ...PERMISSION,
    title: 'Advertising permission missing',
    meaning: 'The Meta app needs the permission to manage ads for this.',
  },
  {
    code: 341,
    subcode: null,
    ...THROTTLED,
    title: 'Limit of the Meta app',
    meaning: 'The Meta app reached a limit of its own.',
  },
  {
    code: 368,
    subcode: null,
    action: 'retry',
    reason: 'policy_block',
    whose: 'merchant',
    title: 'Blocked for a while',
    meaning: 'Meta blocked this for a while because of its policies.',
    fix: 'Look for a warning in Meta’s Business Support Home and answer it.',
  },
  {
    code: 613,
    subcode: 1487742,
    ...THROTTLED,
    title: 'Too many calls',
    meaning: 'Too many calls were made for this account.',
  },
  {
    code: 613,
    subcode: 5044001,
    ...THROTTLED,
    title: 'Too many calls',
    meaning: 'Meta slows calls down to prevent abuse.',
  },
  {
    code: 613,
    subcode: null,
    ...THROTTLED,
    title: 'Too many calls',
    meaning: 'Calls came faster than Meta allows for them.',
  },
  {
    code: 803,
    subcode: null,
    ...DATASET,
    title: 'Not known',
    meaning: 'Meta knows nothing by the ID that the call names.',
  },
  {
    code: 2635,
    subcode: null,
    action: 'retry',
    reason: 'outdated_version',
    whose: 'tieback',
    title: 'Version too old',
    meaning: 'Meta no longer takes the version of its interface that this Tieback uses.',
    fix: 'Ask the team that runs Tieback to update it; orders wait.',
  },
  {
    code: 80000,
    subcode: null,
    ...THROTTLED,
    title: 'Limit for insights',
    meaning: 'Too many figures were asked for this ad account.',
  },
  {
    code: 80003,
    subcode: null,
    ...THROTTLED,
    title: 'Limit for audiences',
    meaning: 'Too many calls about audiences were made for this ad account.',
  },
  {
    code: 80004,
    subcode: null,
    ...THROTTLED,
    title: 'Limit for ads',
    meaning: 'Too many calls were made for this ad account.',
  },
  {
    code: 80008,
    subcode: null,
    ...THROTTLED,
    title: 'Limit of the WhatsApp account',
    meaning: 'Too many calls were made for this WhatsApp account.',
  },
  {
    code: 80014,
    subcode: null,
    ...THROTTLED,
    title: 'Limit for catalogues',
    meaning: 'Too many calls about catalogues were made for this account.',
  },
];
