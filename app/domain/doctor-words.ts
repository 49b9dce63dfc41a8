export const CHECK_RESULTS = ['ok', 'warning', 'failed', 'unknown'] as const;
export type CheckResult = (typeof CHECK_RESULTS)[number];

type Words = { result: CheckResult; detail: string; fix: string | null };

const ok = (detail: string): Words => ({ result: 'ok', detail, fix: null });
const warning = (detail: string, fix: string): Words => ({ result: 'warning', detail, fix });
const failed = (detail: string, fix: string): Words => ({ result: 'failed', detail, fix });
const unknown = (detail: string, fix: string | null = null): Words => ({ result: 'unknown', detail, fix });

const NEW_TOKEN = 'In the settings, replace the access token with a new one.';
const TEAM = 'the team that runs Tieback';
const no_answer = unknown('Nothing usable was heard from Meta.', 'Check again in a few minutes.');
const blocked = unknown('Not looked at, because Meta does not accept the access token.');
const may_not_look = unknown(
  'This token may not look into the WhatsApp account, as is usual for one from Events Manager.',
);
const no_access = unknown(
  'Tieback has no access to this store’s Shopify data now.',
  'Open Tieback in your Shopify admin: that renews its access.',
);

/** Each check in the sequence of the health page, as its heading reads. */
export const CHECK_TITLES = {
  token_valid: 'Access token',
  token_expiry: 'End of the access token',
  permissions: 'Permissions',
  waba_reachable: 'WhatsApp account',
  number_state: 'State of the number',
  app_subscribed: 'Subscription to chats',
  webhook_seen: 'Chats arriving',
  dataset_of_waba: 'Dataset of the account',
  parked_events: 'Kinds of events',
  probe: 'Test event',
  clock_skew: 'Clock',
  graph_version: 'Version of Meta’s interface',
  usage: 'Meta’s call limits',
  shopify_scopes: 'Access to the store',
  protected_data: 'Customers’ phone numbers',
  shopify_webhooks: 'News from Shopify',
  channels_chosen: 'What Meta is told',
} as const;
export type CheckName = keyof typeof CHECK_TITLES;

/** Everything that a check can come to, in the words of the health page; `{…}` is filled in by `say`. */
export const CHECK_OUTCOMES = {
  token_valid: {
    accepted: ok('Meta accepts the access token.'),
    refused: failed('Meta does not accept the access token any more ({code}).', NEW_TOKEN),
    sealed: failed(
      'The stored access token cannot be opened with the keys of this installation.',
      `Ask ${TEAM} to bring back the key that is missing in ENCRYPTION_KEYS, or replace the access token in the settings.`,
    ),
    unclear: unknown('Meta answered with {code}, which says nothing of the token.', '{fix}'),
    no_answer,
  },
  token_expiry: {
    never: ok('Meta names no end for the access token.'),
    later: ok('The access token is good until {date}.'),
    soon: warning(
      'The access token ends on {date}.',
      `${NEW_TOKEN} The token of a system user can be made so that it never ends.`,
    ),
    over: failed('The access token ended on {date}.', NEW_TOKEN),
    untold: unknown('Meta does not say until when this token is good.'),
    no_answer,
    blocked,
  },
  permissions: {
    all: ok('The token may report events, and Meta gives it the account’s dataset.'),
    report_only: ok(
      'The token may report events. It may not look into the WhatsApp account, as is usual for one from Events Manager.',
    ),
    no_report: failed(
      'The token may not report events to this dataset ({code}).',
      'In Meta’s business settings, assign the WhatsApp account and its dataset to the system user, and make its token with whatsapp_business_management and whatsapp_business_manage_events.',
    ),
    no_answer,
    blocked,
  },
  waba_reachable: {
    reached: ok('Meta shows the WhatsApp account {waba} to this token.'),
    hidden: failed(
      'Meta knows no WhatsApp account {waba}, or does not show it to this token ({code}).',
      'In Meta’s business settings, assign the WhatsApp account to the system user of the token. If the account is gone, disconnect the number.',
    ),
    may_not_look,
    no_answer,
    blocked,
  },
  number_state: {
    connected: ok('The number is in the WhatsApp account and in good order.'),
    gone: failed(
      'The number is not in the WhatsApp account {waba} any more: it was moved or removed.',
      'Connect the number again with the WhatsApp account that it is in now.',
    ),
    off: failed(
      'WhatsApp says that the number is “{state}”.',
      'Open the number in WhatsApp Manager and follow what Meta asks for there.',
    ),
    impaired: warning(
      'WhatsApp says that the number is “{state}”.',
      'Open the number in WhatsApp Manager and follow what Meta asks for there.',
    ),
    not_on_cloud: warning(
      'The number is not used through WhatsApp’s Cloud API ({state}), so its chats cannot arrive here.',
      'Register the number for the Cloud API, or ask the provider that runs it to move it there.',
    ),
    unverified: warning(
      'The number is not verified at WhatsApp.',
      'Verify the number in WhatsApp Manager, under Phone numbers.',
    ),
    low_quality: warning(
      'WhatsApp rates the number’s quality as low, and may limit it.',
      'See in WhatsApp Manager which messages people blocked or reported.',
    ),
    may_not_look,
    no_answer,
    blocked,
  },
  app_subscribed: {
    subscribed: ok('Meta sends this account’s chats to {app}.'),
    others_only: failed(
      'Meta sends this account’s chats to other apps only: {app}.',
      'In the settings, connect the number again: that subscribes Tieback. Other apps stay as they are.',
    ),
    foreign_app: failed(
      'The access token belongs to another Meta app than Tieback’s, and that app’s chats do not come here by themselves.',
      'In the settings, connect the number again with the secret of the Meta app that the token belongs to, or continue with Facebook.',
    ),
    nobody: failed(
      'Meta sends this account’s chats to no app.',
      'In the settings, connect the number again: that subscribes the app that the token belongs to.',
    ),
    may_not_look,
    no_answer,
    blocked,
  },
  webhook_seen: {
    recent: ok('The latest chat of this number arrived on {date}.'),
    old: warning(
      'No chat of this number has arrived since {date}.',
      'Write to the number from another phone. If nothing arrives here, look whether the Meta app is live and subscribed to the messages field.',
    ),
    never: warning(
      'No chat of this number has arrived since it was connected on {date}.',
      'Write to the number from another phone. If nothing arrives here, look whether the Meta app is live and subscribed to the messages field.',
    ),
  },
  dataset_of_waba: {
    same: ok('Events go to dataset {dataset}, which belongs to the WhatsApp account.'),
    other: failed(
      'Events go to dataset {dataset}, but the WhatsApp account’s is {found}.',
      'Connect the number again and leave the dataset empty: Tieback then takes the right one.',
    ),
    may_not_look,
    no_answer,
    blocked,
  },
  parked_events: {
    none: ok('Meta refuses no kind of event here.'),
    some: warning(
      'Meta refuses events named {events} here, so they are kept back.',
      'Once Meta takes them, have the name tried again in the settings. Other events are not affected.',
    ),
    sales: failed(
      'Meta refuses events named {events} here, so sales are kept back.',
      'In the settings, have the name tried again; a day after Meta refused it Tieback does so once by itself. Look in Events Manager whether the dataset still takes purchases.',
    ),
  },
  probe: {
    answered: ok(
      'A test event was answered exactly as it should be ({code}): token and dataset fit together.',
    ),
    taken: warning(
      'Meta took a test event that it should have refused.',
      `Tell ${TEAM}: what Meta checks may have changed. The event names no sale, so nothing is counted.`,
    ),
    refused: failed('Meta refused a test event with {code}: {title}.', '{fix}'),
    later: unknown('Meta put the test event off ({code}).', 'Check again in a few minutes.'),
    not_sent: unknown('No test event was sent, because there is no access token to send it with.'),
    no_answer,
  },
  clock_skew: {
    right: ok('The server’s clock agrees with Meta’s.'),
    off: warning(
      'The server’s clock is {seconds} seconds {direction} Meta’s.',
      `Ask ${TEAM} to switch on the synchronisation of the server’s clock.`,
    ),
    far_off: failed(
      'The server’s clock is {seconds} seconds {direction} Meta’s, so that Meta may refuse events.',
      `Ask ${TEAM} to switch on the synchronisation of the server’s clock.`,
    ),
    no_answer,
  },
  graph_version: {
    current: ok('Tieback speaks version {version}, which Meta keeps up.'),
    ending: warning(
      'Meta ends version {version}, which Tieback speaks, on {date}.',
      `Ask ${TEAM} to update Tieback, or to set META_GRAPH_VERSION to a newer one.`,
    ),
    ended: failed(
      'Meta ended version {version}, which Tieback speaks, on {date}.',
      `Ask ${TEAM} to update Tieback, or to set META_GRAPH_VERSION to a newer one.`,
    ),
    unlisted: unknown('Tieback does not know until when Meta keeps up version {version}.'),
  },
  usage: {
    low: ok('At most {percent}% of a limit of Meta’s is used.'),
    high: warning(
      '{percent}% of a limit of Meta’s is used.',
      'Look which other program calls Meta with this app or account so often. Events wait rather than get lost.',
    ),
    used_up: failed(
      'A limit of Meta’s is used up ({percent}%), so events wait.',
      'Look which other program calls Meta with this app or account so often. What waits is sent when the limit frees up.',
    ),
    untold: ok('Meta reports no limit that is being used up.'),
    no_answer,
  },
  shopify_scopes: {
    granted: ok('Tieback has all the access that it needs.'),
    missing: failed(
      'Tieback lacks access: {scopes}.',
      'Open Tieback in your Shopify admin and accept the access that it asks for.',
    ),
    refused: failed(
      'Shopify does not say what access Tieback has: {problem}',
      'Open Tieback in your Shopify admin.',
    ),
    no_answer: unknown('Shopify did not answer.', 'Check again in a few minutes.'),
    no_access,
  },
  protected_data: {
    shown: ok('Shopify shows Tieback the phone numbers on orders.'),
    refused: failed(
      'Shopify does not show Tieback your customers’ phone numbers: {problem}',
      `Ask ${TEAM} to apply to Shopify for protected customer data, with the fields name, address, email and phone.`,
    ),
    hidden: failed(
      'On your latest orders Shopify hid the customers’ details.',
      `Ask ${TEAM} to apply to Shopify for protected customer data, with the fields name, address, email and phone.`,
    ),
    no_orders: unknown('There is no order yet to find this out with.'),
    no_answer: unknown('Shopify did not answer.', 'Check again in a few minutes.'),
    no_access,
  },
  shopify_webhooks: {
    recent: ok('Shopify’s latest news arrived on {date}.'),
    missed: warning(
      'Shopify did not send the payment of {orders} in the last 7 days; Tieback found them in the list of orders.',
      `Ask ${TEAM} to look whether its server can always be reached. The orders themselves were not lost.`,
    ),
    silent: unknown(
      'Shopify sent nothing in the last 7 days. It sends nothing when nothing happens in the store.',
    ),
  },
  channels_chosen: {
    chosen: ok('You chose what Meta is told of which orders.'),
    not_chosen: warning(
      'Nobody has chosen yet what Meta is told. If another app also reports the online store’s orders, Meta may count sales twice.',
      'Choose it in the settings, under What Meta is told.',
    ),
  },
} as const satisfies Record<CheckName, Record<string, Words>>;

export type CheckOutcome<C extends CheckName> = keyof (typeof CHECK_OUTCOMES)[C] & string;
export type Finding = { name: CheckName; result: CheckResult; detail: string; fix: string | null };

/** An outcome in words; every `{…}` of its text needs a fact. */
export function say<C extends CheckName>(
  name: C,
  outcome: CheckOutcome<C>,
  facts: Readonly<Record<string, string | number>> = {},
): Finding {
  const outcomes: Readonly<Record<string, Words | undefined>> = CHECK_OUTCOMES[name];
  const words = outcomes[outcome];
  if (words === undefined) throw new Error(`the check ${name} has no outcome ${outcome}`);
  const fill = (text: string): string =>
    text.replaceAll(/\{(\w+)\}/g, (hole, fact: string) => String(facts[fact] ?? hole));
  return { name, result: words.result, detail: fill(words.detail), fix: words.fix && fill(words.fix) };
}

/** Whether an alert's or a stored check's name is one of the doctor's. */
export function isCheckName(name: string): name is CheckName {
  return Object.hasOwn(CHECK_TITLES, name);
}
