import type { ConnectNote } from '../../pipeline/connection.ts';

const NOTES: Readonly<Record<ConnectNote, string>> = {
  account_shared:
    'Another store, yours or somebody else’s, also uses this WhatsApp account, with another number. Chats and orders are told apart by the number; the dataset at Meta is the same for both.',
  number_shared:
    'Another store is connected to this same number. Both stores then get every chat, and each ties its own orders to them.',
  number_unproven:
    'Meta did not let this token look at the number, so its phone number ID is taken on trust: if it is wrong, or not of this WhatsApp account, no chats arrive. This token cannot ask Meta to send chats to Tieback either; your own Meta app has to, or sign up with Facebook instead.',
  secret_unproven:
    'Meta did not let Tieback check the app secret. If it is wrong, Meta’s webhooks are refused and no chats arrive.',
  foreign_app:
    'The access token belongs to your own Meta app, whose chats do not come to Tieback by themselves. Connect the number again with that app’s secret.',
};

/** What the merchant should know of a connected number. */
export function noteWords(note: ConnectNote): string {
  return NOTES[note];
}

/** What to know of a disconnected number when Meta did not confirm the end of the subscription. */
export const STILL_SUBSCRIBED =
  'Meta did not confirm that it stops sending this WhatsApp account’s chats to Tieback. Tieback keeps none of them. To end it for certain, remove Tieback’s app from the WhatsApp account in Meta’s business settings.';

const METHODS = {
  embedded_signup: 'Signed up with Facebook',
  own_app: 'Your own Meta app',
  token: 'Access token',
} as const;

/** How a number was connected. */
export function methodWords(method: keyof typeof METHODS): string {
  return METHODS[method];
}

/** "1 event waits", "12 events wait". */
export function waitingWords(count: number): string {
  return count === 1 ? '1 event waits' : `${count} events wait`;
}
