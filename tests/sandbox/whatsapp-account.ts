import { whatsappNotice } from '../builders/whatsapp.ts';

type Body = Record<string, unknown>;
/** Portfolio and app of Meta's samples. */
const PORTFOLIO_ID = '524126980791429';
const APP_ID = '670843887433847';

/**
 * What became of an account (developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/account_update).
 * Those of the first kind name the account in `waba_info`, and their entry is the portfolio's; the others are the
 * account's own.
 */
export type AccountEvent = { wabaId: string; at: Date; businessId?: string } & (
  | {
      event: 'ACCOUNT_DELETED' | 'AD_ACCOUNT_LINKED' | 'MM_LITE_TERMS_SIGNED' | 'PARTNER_ADDED';
    }
  | { event: 'PARTNER_APP_INSTALLED'; appId?: string }
  /** Meta's sample has the field's name inside the value, and not beside it; `asInSample: false` puts it beside. */
  | { event: 'PARTNER_APP_UNINSTALLED'; appId?: string; asInSample?: boolean }
  /** The disconnection is told of accounts that use the WhatsApp Business app as well. */
  | { event: 'PARTNER_REMOVED'; disconnection?: { reason: string; initiatedBy: 'USER' | 'SYSTEM' } }
  | { event: 'ACCOUNT_OFFBOARDED' | 'ACCOUNT_RECONNECTED' }
  | { event: 'ACCOUNT_VIOLATION'; violation?: string }
  | { event: 'ACCOUNT_RESTRICTION'; restrictions?: { type: string; until: Date }[] }
  | { event: 'DISABLED_UPDATE'; banState: 'SCHEDULE_FOR_DISABLE' | 'DISABLE' | 'REINSTATE'; banDate?: string }
  | { event: 'BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE'; country?: string }
  | { event: 'AUTH_INTL_PRICE_ELIGIBILITY_UPDATE' | 'VOLUME_BASED_PRICING_TIER_UPDATE' }
  | { event: 'PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE'; status?: 'APPROVED' | 'REJECTED' | 'DISCARDED' }
);

/** Meta's word of what became of an account. */
export function accountUpdate(update: AccountEvent): Body {
  const { wabaId, businessId = '2329417887457253', at } = update;
  const time = Math.floor(at.getTime() / 1000);
  const [details, ofPortfolio] = detailsOf(update, { waba_id: wabaId, owner_business_id: businessId });
  const value = { event: update.event, ...details };
  const entry = { id: ofPortfolio ? PORTFOLIO_ID : wabaId, time };
  if (update.event !== 'PARTNER_APP_UNINSTALLED' || update.asInSample === false) {
    return whatsappNotice('account_update', value, entry);
  }
  const changes = [{ value: { ...value, field: 'account_update' } }];
  return { object: 'whatsapp_business_account', entry: [{ ...entry, changes }] };
}

/** Meta's word of a number's quality or limit; it names the number as it is shown, and by no id. */
export function phoneNumberQualityUpdate(update: {
  wabaId: string;
  displayNumber: string;
  at: Date;
  event: 'FLAGGED' | 'UNFLAGGED' | 'UPGRADE' | 'DOWNGRADE' | 'ONBOARDING' | 'THROUGHPUT_UPGRADE';
  currentLimit?: string;
  oldLimit?: string;
  /** The portfolio's limit, which takes the place of `current_limit`. */
  businessLimit?: string;
}): Body {
  const { wabaId, displayNumber, at, event, currentLimit = 'TIER_1K', oldLimit, businessLimit } = update;
  const value = {
    display_phone_number: displayNumber,
    event,
    current_limit: currentLimit,
    ...(oldLimit !== undefined && { old_limit: oldLimit }),
    ...(businessLimit !== undefined && { max_daily_conversations_per_business: businessLimit }),
  };
  return whatsappNotice('phone_number_quality_update', value, {
    id: wabaId,
    time: Math.floor(at.getTime() / 1000),
  });
}

function detailsOf(update: AccountEvent, account: Body): [details: Body, ofPortfolio: boolean] {
  switch (update.event) {
    case 'ACCOUNT_DELETED':
    case 'MM_LITE_TERMS_SIGNED':
    case 'PARTNER_ADDED':
      return [{ waba_info: account }, true];
    case 'AD_ACCOUNT_LINKED':
      return [{ waba_info: { ...account, ad_account_linked: '1234567890' } }, true];
    case 'PARTNER_APP_INSTALLED':
    case 'PARTNER_APP_UNINSTALLED':
      return [{ waba_info: { ...account, partner_app_id: update.appId ?? APP_ID } }, true];
    case 'PARTNER_REMOVED': {
      const { reason, initiatedBy: initiated_by } = update.disconnection ?? {};
      return [{ waba_info: account, ...(reason && { disconnection_info: { reason, initiated_by } }) }, true];
    }
    case 'ACCOUNT_OFFBOARDED':
    case 'ACCOUNT_RECONNECTED':
      return [{}, false];
    case 'ACCOUNT_VIOLATION':
      return [{ violation_info: { violation_type: update.violation ?? 'SCAM' } }, false];
    case 'ACCOUNT_RESTRICTION': {
      const until = new Date(update.at.getTime() + 7 * 86_400_000);
      const restrictions = update.restrictions ?? [{ type: 'RESTRICTED_BIZ_INITIATED_MESSAGING', until }];
      return [{ restriction_info: restrictions.map(restriction) }, false];
    }
    case 'DISABLED_UPDATE': {
      const { banState: waba_ban_state, banDate: waba_ban_date = 'November 20, 2026' } = update;
      return [{ ban_info: { waba_ban_state, waba_ban_date } }, false];
    }
    case 'BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE':
      return [{ country: update.country ?? 'US' }, false];
    case 'AUTH_INTL_PRICE_ELIGIBILITY_UPDATE': {
      const start_time = Math.floor(update.at.getTime() / 1000);
      const exception_countries = [{ country_code: 'IN', start_time }];
      return [{ auth_international_rate_eligibility: { start_time, exception_countries } }, false];
    }
    case 'VOLUME_BASED_PRICING_TIER_UPDATE': {
      const tier_update_time = Math.floor(update.at.getTime() / 1000);
      const [effective_month] = /^\d{4}-\d{2}/.exec(update.at.toISOString()) ?? [];
      const tier = { pricing_category: 'UTILITY', tier: '25000:100000', effective_month, region: 'Brazil' };
      return [{ volume_tier_info: { tier_update_time, ...tier } }, false];
    }
    case 'PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE': {
      const status = update.status ?? 'APPROVED';
      const info = { client_business_id: account['owner_business_id'], status, rejection_reasons: ['NONE'] };
      return [{ partner_client_certification_info: info }, false];
    }
  }
}

function restriction({ type, until }: { type: string; until: Date }): Body {
  return { restriction_type: type, expiration: Math.floor(until.getTime() / 1000) };
}
