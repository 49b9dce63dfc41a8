import { isJsonObject, jsonArray, jsonId, jsonText } from './json.ts';
import type { JsonObject } from './json.ts';
import type { EventReason } from './reason.ts';
import { readWhatsAppTime } from './whatsapp-time.ts';

/** Words for a person, under a name by which it is raised once and cleared. */
export type AccountAlert = {
  name: string;
  detail: string;
  fix: string | null;
  /** It is over by itself then. */
  until?: Date | null;
};
/** What Meta says of a WhatsApp Business Account, as far as it changes anything. */
export type AccountNotice = {
  /** Whose bond with the account it is about: every app's, or only that of the app which was told. */
  concerns: 'account' | 'app';
  /** The app that it is about, when Meta names it. */
  appId: string | null;
  change:
    | { kind: 'lost'; reason: Lost; alert: AccountAlert }
    | { kind: 'paused'; reason: 'account_disabled'; alert: AccountAlert }
    /** What was stopped for it works again, and these alerts are over. */
    | { kind: 'restored'; reason: 'account_disabled' | 'account_offboarded'; over: string[] }
    | { kind: 'alert'; alert: AccountAlert };
};
type Lost = Extract<
  EventReason,
  'app_uninstalled' | 'partner_removed' | 'account_deleted' | 'account_offboarded'
>;

/** What Meta says of one number: its quality or how much may be sent, by the number as it is shown. */
export type QualityNotice = {
  displayNumber: string;
  /** Meta's word with the limit, as "FLAGGED" or "UPGRADE, TIER_10K". */
  quality: string;
  /** Null: all is well again. */
  alert: AccountAlert | null | 'over';
};

/** The alert of a connection that is lost; over when somebody connects it again. */
export const LOST_ALERT = 'connection_lost';
const DISABLED_ALERT = 'account_disabled';
const SCHEDULED_ALERT = 'account_to_be_disabled';
const VIOLATION_ALERT = 'account_violation';
const RESTRICTION_ALERT = 'account_restricted';
export const QUALITY_ALERT = 'number_quality';

const RECONNECT =
  'Connect the number again in the settings. What waits is kept and sent then, if Meta still takes it.';
const SUPPORT =
  'Open Business Support Home at business.facebook.com/business-support-home and follow what Meta asks.';

/**
 * Reads a change of field `account_update`; null for what changes nothing here, as a new partner or price.
 * https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/account_update
 */
export function readAccountNotice(value: JsonObject): AccountNotice | null {
  const info = isJsonObject(value['waba_info']) ? value['waba_info'] : {};
  const appId = jsonId(info['partner_app_id']);
  const account = (change: AccountNotice['change']): AccountNotice => ({
    concerns: 'account',
    appId: null,
    change,
  });
  switch (jsonText(value['event'])?.toUpperCase()) {
    case 'PARTNER_APP_UNINSTALLED':
      return {
        concerns: 'app',
        appId,
        change: lost('app_uninstalled', 'The Meta app was removed from this WhatsApp account.'),
      };
    case 'PARTNER_REMOVED':
      return {
        concerns: 'app',
        appId,
        change: lost(
          'partner_removed',
          'The WhatsApp account is not shared with this app’s business any more.',
        ),
      };
    case 'ACCOUNT_DELETED':
      return account(lost('account_deleted', 'The WhatsApp account was deleted at Meta.'));
    // https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/onboarding-business-app-users
    case 'ACCOUNT_OFFBOARDED':
      return account(
        lost('account_offboarded', 'The WhatsApp Business app is not linked to Meta’s Cloud API any more.'),
      );
    case 'ACCOUNT_RECONNECTED':
      return account({ kind: 'restored', reason: 'account_offboarded', over: [LOST_ALERT] });
    case 'DISABLED_UPDATE': {
      const change = readBan(value['ban_info']);
      return change && account(change);
    }
    case 'ACCOUNT_VIOLATION': {
      const type = isJsonObject(value['violation_info'])
        ? jsonText(value['violation_info']['violation_type'])
        : null;
      const what = type === null ? 'its policy' : `its policy (${shown(type)})`;
      return account({
        kind: 'alert',
        alert: {
          name: VIOLATION_ALERT,
          detail: `Meta says that the WhatsApp account violated ${what}.`,
          fix: SUPPORT,
        },
      });
    }
    case 'ACCOUNT_RESTRICTION':
      return account({
        kind: 'alert',
        alert: {
          name: RESTRICTION_ALERT,
          detail: `Meta restricted the WhatsApp account${restrictions(value['restriction_info'])}.`,
          fix: SUPPORT,
          until: lastEnd(value['restriction_info']),
        },
      });
    default:
      return null;
  }
}

// What stands in its place when a provider passes Meta's webhooks on, or in those that Meta sends as a trial, is no id.
const ACCOUNT_ID = /^\d{5,25}$/;

/** Whether an update names another WhatsApp account than a number's own. */
export function namesAnother(told: string | null, own: string): boolean {
  return told !== null && told !== own && ACCOUNT_ID.test(told);
}

/** The WhatsApp account of an `account_update`: its entry may be about a whole portfolio. */
export function accountOf(value: JsonObject): string | null {
  return isJsonObject(value['waba_info']) ? jsonId(value['waba_info']['waba_id']) : null;
}

/**
 * Reads a change of field `phone_number_quality_update`; null when it names no number or no event.
 * https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/phone_number_quality_update
 */
export function readQualityNotice(value: JsonObject): QualityNotice | null {
  const displayNumber = jsonId(value['display_phone_number']);
  const event = jsonText(value['event'])?.toUpperCase() ?? null;
  if (displayNumber === null || event === null) return null;
  const limit = jsonText(value['max_daily_conversations_per_business']) ?? jsonText(value['current_limit']);
  const quality = [event, limit].flatMap((word) => (word === null ? [] : shown(word))).join(', ');
  return { displayNumber, quality, alert: qualityAlert(event, limit) };
}

function qualityAlert(event: string, limit: string | null): QualityNotice['alert'] {
  switch (event) {
    case 'FLAGGED':
      return {
        name: QUALITY_ALERT,
        detail:
          'Meta rates the quality of this number as low, because people blocked or reported its messages.',
        fix: 'Look at the number in WhatsApp Manager, and write only to people who expect it.',
      };
    case 'DOWNGRADE':
      return {
        name: QUALITY_ALERT,
        detail: `Meta lowered how many people this number may write to first${limit === null ? '' : ` (${shown(limit)})`}.`,
        fix: 'Look at the number in WhatsApp Manager. Chats that people begin, as by an ad, are not limited.',
      };
    case 'UNFLAGGED':
    case 'UPGRADE':
      return 'over';
    default:
      return null;
  }
}

function lost(reason: Lost, detail: string): AccountNotice['change'] {
  return {
    kind: 'lost',
    reason,
    alert: { name: LOST_ALERT, detail: `${detail} No event can be sent through it.`, fix: RECONNECT },
  };
}

function readBan(info: unknown): AccountNotice['change'] | null {
  if (!isJsonObject(info)) return null;
  const date = jsonText(info['waba_ban_date']);
  switch (jsonText(info['waba_ban_state'])?.toUpperCase()) {
    case 'DISABLE':
      return {
        kind: 'paused',
        reason: 'account_disabled',
        alert: {
          name: DISABLED_ALERT,
          detail: 'Meta disabled the WhatsApp account. Events wait.',
          fix: SUPPORT,
        },
      };
    case 'SCHEDULE_FOR_DISABLE':
      return {
        kind: 'alert',
        alert: {
          name: SCHEDULED_ALERT,
          detail: `Meta is going to disable the WhatsApp account${date === null ? '' : ` (${shown(date)})`}.`,
          fix: SUPPORT,
        },
      };
    case 'REINSTATE':
      return { kind: 'restored', reason: 'account_disabled', over: [DISABLED_ALERT, SCHEDULED_ALERT] };
    default:
      return null;
  }
}

function restrictions(info: unknown): string {
  const types = jsonArray(info).flatMap((one) =>
    isJsonObject(one) ? (jsonText(one['restriction_type']) ?? []) : [],
  );
  return types.length === 0 ? '' : `: ${types.map(shown).join(', ')}`;
}

/** When the last of the restrictions ends; null when Meta does not say it of each. */
function lastEnd(info: unknown): Date | null {
  const ends = jsonArray(info).map((one) =>
    isJsonObject(one) ? (readWhatsAppTime(one['expiration'])?.getTime() ?? Infinity) : Infinity,
  );
  const last = Math.max(...ends);
  return Number.isFinite(last) ? new Date(last) : null;
}

// Meta's own words are told as they are, but no more than fits a line.
function shown(text: string): string {
  return text.slice(0, 80);
}
