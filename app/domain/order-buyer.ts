import type { Browser, Region } from './conversion-event.ts';
import type { OrderBody } from './order-body.ts';

/**
 * From the shipping address, else the billing address, else the customer. `state`: its two letters in the US and in
 * Canada, elsewhere its name, as Meta compares them.
 * https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters
 */
export type Person = {
  firstName: string | null;
  lastName: string | null;
  city: string | null;
  state: string | null;
  postcode: string | null;
  country: string | null;
};

/** The cart attribute by which a shop's consent banner says what the buyer said; "denied" or "granted". */
export const CONSENT_ATTRIBUTE = '__tieback_consent';
// Shopify hides an attribute that begins with two underscores from its checkout, but some themes write only their own.
const CONSENT_ATTRIBUTES: ReadonlySet<string> = new Set([
  CONSENT_ATTRIBUTE,
  '_tieback_consent',
  'tieback_consent',
]);
const CONSENT: ReadonlyMap<string, 'granted' | 'denied'> = new Map([
  ['granted', 'granted'],
  ['yes', 'granted'],
  ['true', 'granted'],
  ['denied', 'denied'],
  ['no', 'denied'],
  ['false', 'denied'],
]);

const CODED_STATES: ReadonlySet<string | null> = new Set(['US', 'CA']);
// Any other page's path may have a token in it: a checkout's, a cart's, an account's, an app's.
const PUBLIC_PAGE =
  /^(\/[a-z]{2}(-[a-z]{2,3})?)?(\/(products|collections|pages|blogs|search)(\/[\w%.~-]+){0,3})?\/?$/i;

/** Who bought, and where they are. */
export function readBuyer(body: OrderBody): { person: Person; region: Region } {
  const { customer, shipping_address, billing_address } = body;
  const home = customer?.default_address ?? null;
  const places = [shipping_address, billing_address, home].filter((place) => place !== null);
  const place =
    places.find(({ country_code: code }) => code !== null) ??
    places.find(({ city, zip }) => city !== null || zip !== null);
  const named = [shipping_address, billing_address, customer, home].find(
    (one) => one !== null && (one.first_name !== null || one.last_name !== null),
  );
  const country = place?.country_code ?? null;
  const [code, name] = [place?.province_code ?? null, place?.province ?? null];
  return {
    person: {
      firstName: named?.first_name ?? null,
      lastName: named?.last_name ?? null,
      city: place?.city ?? null,
      state: CODED_STATES.has(country) ? code : (name ?? code),
      postcode: place?.zip ?? null,
      country,
    },
    region: { country, state: code },
  };
}

/** The buyer's browser; null where there was none, or no page of the shop is known. */
export function readBrowser(body: OrderBody, createdAt: Date): Browser | null {
  const { client_details: client } = body;
  const userAgent = client?.user_agent ?? null;
  const page = pageOf(body);
  if (userAgent === null || page === null) return null;
  const ip = client?.browser_ip ?? body.browser_ip;
  return { userAgent, ip, page, fbc: readFbc(body, createdAt) };
}

/** What the buyer said of marketing; a "no" beside a "yes" is a "no". */
export function readConsent(body: OrderBody): 'granted' | 'denied' | null {
  const said = body.note_attributes.map((note) =>
    CONSENT_ATTRIBUTES.has(note?.name ?? '') ? CONSENT.get(note?.value?.trim().toLowerCase() ?? '') : null,
  );
  return said.find((word) => word === 'denied') ?? said.find((word) => word === 'granted') ?? null;
}

// The first page of the visit. Its query, and paths that are one person's, stay here.
function pageOf(body: OrderBody): string | null {
  const [landing = ''] = body.landing_site;
  const origin = originOf(landing) ?? originOf(body.order_status_url ?? '');
  const path = landing.replace(/^https?:\/\/[^/?#]*|[?#].*$/gis, '');
  return origin && `${origin}${PUBLIC_PAGE.test(path) ? path || '/' : '/'}`;
}

// A path is not taken for an address: "//example.com/" is one that a visitor may have typed behind the shop's name.
function originOf(address: string): string | null {
  return /^https?:\/\//i.test(address) ? (URL.parse(address)?.origin ?? null) : null;
}

// "fb", then 1 for whoever keeps no cookie, then when the id was first seen: that is no earlier than the order, since
// Shopify does not say when the visit was. https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/fbp-and-fbc
function readFbc(body: OrderBody, createdAt: Date): string | null {
  const [landing = ''] = body.landing_site;
  const clickId = new URLSearchParams(/\?([^#]*)/.exec(landing)?.[1]).get('fbclid');
  return clickId !== null && /^[\w.~-]+$/.test(clickId) ? `fb.1.${createdAt.getTime()}.${clickId}` : null;
}
