import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { issueCode } from './graph-signup.ts';
import { escapeHtml } from './html.ts';
import { isRecord, parseJsonOrNull } from './json-value.ts';
import { readBody, sendJson, sendText } from './loopback-server.ts';
import type { FinishEvent } from './graph-signup.ts';
import type { GraphState } from './graph-state.ts';

const SDK = readFileSync(new URL('./facebook-sdk.js', import.meta.url), 'utf8');
const MAX_BODY_BYTES = 4096;
const WAYS: Record<FinishEvent, string> = {
  FINISH: 'with its number',
  FINISH_ONLY_WABA: 'without choosing a number',
  FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING: 'keeping the WhatsApp Business app',
};

/**
 * Meta's pages for browsers: the Facebook SDK for JavaScript, and the dialog of Embedded Signup that it opens. False for
 * any other path.
 */
export async function answerBrowser(
  state: GraphState,
  request: IncomingMessage,
  response: ServerResponse,
  now: Date,
): Promise<boolean> {
  const url = new URL(request.url ?? '/', 'http://facebook.invalid');
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /en_US/sdk.js':
      sendText(response, 200, SDK, {
        'content-type': 'application/x-javascript; charset=utf-8',
        'access-control-allow-origin': '*',
      });
      return true;
    case 'GET /dialog/signup':
      sendText(response, 200, signupPage(state, url.searchParams));
      return true;
    case 'POST /dialog/signup': {
      const read = await readBody(request, MAX_BODY_BYTES);
      const body = read.kind === 'body' ? parseJsonOrNull(read.bytes.toString())?.value : null;
      const offer = isRecord(body) ? state.signup.offers[Number(body['offer'])] : undefined;
      if (offer) sendJson(response, 200, issueCode(state, offer, now));
      else sendText(response, 404, 'There is no such business.', { 'content-type': 'text/plain' });
      return true;
    }
    default:
      return false;
  }
}

function signupPage(state: GraphState, query: URLSearchParams): string {
  const app = state.apps.get(query.get('app_id') ?? '');
  if (!app || query.get('config_id') !== app.signupConfigId) {
    const what = app ? 'There is no such configuration' : 'There is no such app';
    return page(`<p role="alert">${what}. Check the app ID and the configuration ID.</p>`, query);
  }
  const offers = state.signup.offers.map(({ wabaId, event = 'FINISH' }, index) => {
    const name = state.businesses.get(wabaId)?.phoneNumbers[0]?.verifiedName ?? 'WhatsApp Business Account';
    return `<li><button type="button" data-offer="${index}">Continue as ${escapeHtml(name)}</button>
      <small>${wabaId}, ${WAYS[event]}</small></li>`;
  });
  const list = offers.length > 0 ? `<ul>${offers.join('')}</ul>` : '<p>You have no business yet.</p>';
  return page(`<p>Connect a WhatsApp account to ${escapeHtml(app.name)}.</p>${list}`, query);
}

function page(content: string, query: URLSearchParams): string {
  const origin = JSON.stringify(query.get('origin') ?? '').replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Facebook | Embedded Signup</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 32rem; margin: 0 auto; padding: 1rem; color: #1c1e21 }
  ul { list-style: none; padding: 0 } li { margin: 0 0 1rem } small { display: block; color: #4b4f56 }
  button { font: inherit; padding: .6rem 1rem; border: 1px solid #0a58c2; border-radius: 6px; background: #fff;
    color: #0a58c2; cursor: pointer } [data-offer] { width: 100%; background: #0a58c2; color: #fff }
</style>
<h1>Embedded Signup</h1>
${content}
<button type="button" id="cancel">Cancel</button>
<script>
  const origin = ${origin};
  const opener = window.opener ?? window.parent;
  // Meta's message is a text of JSON; the other one is between this page and its own SDK.
  function end(message, code) {
    opener.postMessage(JSON.stringify(message), origin);
    opener.postMessage({ channel: 'pretend-facebook', code }, origin);
  }
  document.querySelector('#cancel').onclick = () =>
    end({ data: { current_step: 'BUSINESS_ACCOUNT_SELECTION' }, type: 'WA_EMBEDDED_SIGNUP', event: 'CANCEL', version: 3 }, null);
  for (const button of document.querySelectorAll('[data-offer]')) {
    button.onclick = async () => {
      const answer = await fetch('/dialog/signup', { method: 'POST', body: JSON.stringify({ offer: button.dataset.offer }) });
      const { message, code } = await answer.json();
      end(message, code);
    };
  }
</script>
</html>`;
}
