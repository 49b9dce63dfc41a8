import { useEffect, useState } from 'react';
import type { SignUpSettings } from './load.ts';

type LoginAnswer = { authResponse: { code?: string } | null };
type FacebookSdk = {
  init(options: { appId: string; version: string; cookie: boolean; xfbml: boolean }): void;
  login(callback: (answer: LoginAnswer) => void, options: object): void;
};
type FacebookWindow = { FB?: FacebookSdk; fbAsyncInit?: () => void };

/** What Embedded Signup says of itself while its window is open. */
export type SignUpMessage = {
  event: string;
  wabaId: string | null;
  phoneNumberId: string | null;
  /** Meta's words for people, in their language. */
  problem: string | null;
};

const SCRIPT_ID = 'facebook-jssdk';

/**
 * Loads Meta's JavaScript SDK with the page, because a window may only be opened while a click is being handled
 * (https://developers.facebook.com/docs/javascript/quickstart). Null while it loads; `blocked` when it cannot be had.
 */
export function useFacebookSdk({ appId, version, sdkUrl }: SignUpSettings): FacebookSdk | 'blocked' | null {
  const [sdk, setSdk] = useState<FacebookSdk | 'blocked' | null>(null);
  useEffect(() => {
    const facebook = globalThis as unknown as FacebookWindow;
    let current = true;
    const start = () => {
      if (!current || !facebook.FB) return;
      facebook.FB.init({ appId, version, cookie: false, xfbml: false });
      setSdk(facebook.FB);
    };
    const refuse = () => current && setSdk('blocked');
    if (facebook.FB) queueMicrotask(start);
    else {
      facebook.fbAsyncInit = start;
      const script = document.getElementById(SCRIPT_ID) ?? appendScript(sdkUrl);
      script.addEventListener('error', refuse);
    }
    return () => {
      current = false;
      document.getElementById(SCRIPT_ID)?.removeEventListener('error', refuse);
    };
  }, [appId, version, sdkUrl]);
  return sdk;
}

function appendScript(src: string): HTMLScriptElement {
  const script = document.createElement('script');
  Object.assign(script, { id: SCRIPT_ID, src, async: true, crossOrigin: 'anonymous' });
  document.head.append(script);
  return script;
}

/**
 * Reads a message of the sign-up's window; null for anything that is none, or that did not come from Meta
 * (https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/implementation).
 */
export function readSignUpMessage(
  { origin, data }: Pick<MessageEvent<unknown>, 'origin' | 'data'>,
  sdkUrl: string,
): SignUpMessage | null {
  if (!isFacebook(origin, sdkUrl)) return null;
  const message = record(typeof data === 'string' ? parsed(data) : data);
  if (message?.['type'] !== 'WA_EMBEDDED_SIGNUP' || typeof message['event'] !== 'string') return null;
  const details = record(message['data']) ?? {};
  return {
    event: message['event'],
    wabaId: text(details['waba_id']),
    phoneNumberId: text(details['phone_number_id']),
    problem: text(details['error_message']),
  };
}

function isFacebook(origin: string, sdkUrl: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, hostname } = new URL(origin);
  const atMeta = protocol === 'https:' && (hostname === 'facebook.com' || hostname.endsWith('.facebook.com'));
  return atMeta || origin === new URL(sdkUrl).origin;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

function record(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : null;
}
