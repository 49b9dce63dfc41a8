import { escapeHtml } from './html.ts';

export type LogEntry = {
  at: Date;
  kind: 'ad' | 'order' | 'problem';
  title: string;
  details: [string, string][];
};
export type PlaygroundView = {
  shopName: string;
  currency: string;
  adminUrl: string;
  accepted: number;
  phone: string;
  amount: string;
  hidePhone: boolean;
  adId: string;
  problem: { form: 'ad' | 'order'; text: string } | null;
  entries: readonly LogEntry[];
};

export const ADS = [
  {
    id: '120226305854810726',
    headline: 'Linen shirts, made to last',
    body: 'New colours are in. Ask us for your size.',
  },
  {
    id: '120226305854810734',
    headline: 'Summer sandals, 20 % off',
    body: 'Only this week. Write to us to order.',
  },
] as const;

/** The whole page; it works without scripts, and a small one keeps the log fresh. */
export function playgroundPage(view: PlaygroundView): string {
  const shop = escapeHtml(view.shopName);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Playground · ${shop}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<header>
  <div><p class="eyebrow">Playground</p><h1>Be the customer of ${shop}</h1></div>
  <a class="admin" href="${escapeHtml(view.adminUrl)}" target="_blank" rel="noopener">Open the shop’s admin ↗</a>
</header>
<main>
  <section class="step" aria-labelledby="ad-title">
    <h2 id="ad-title"><span>1</span> Tap an ad and write on WhatsApp</h2>
    <form method="post" action="/tap" class="phone">${adScreen(view)}</form>
  </section>
  <section class="step" aria-labelledby="order-title">
    <h2 id="order-title"><span>2</span> Buy in the shop</h2>
    <form method="post" action="/order" class="card">${checkout(view)}</form>
    <p class="hint">Use the number you wrote from: it is what ties the order to the chat. Or type another one, or the same
    one in another spelling, and see what Tieback makes of it.</p>
  </section>
  <section class="log" aria-labelledby="log-title">
    <h2 id="log-title"><span>3</span> What happened</h2>
    <div id="log" aria-live="polite">${playgroundLog(view)}</div>
  </section>
</main>
<script>${SCRIPT}</script>
</body>
</html>`;
}

/** The part of the page that changes by itself. */
export function playgroundLog(view: Pick<PlaygroundView, 'accepted' | 'adminUrl' | 'entries'>): string {
  const noun = view.accepted === 1 ? 'purchase' : 'purchases';
  const total = `<p class="total"><strong>${view.accepted}</strong> ${noun} accepted by Meta</p>`;
  if (view.entries.length === 0) return `${total}<p class="empty">Nothing yet. Start with the ad.</p>`;
  return `${total}<ol>${view.entries.map((entry) => logItem(entry, view.adminUrl)).join('')}</ol>`;
}

function logItem(entry: LogEntry, adminUrl: string): string {
  const time = entry.at.toISOString().slice(11, 19);
  const details = entry.details
    .map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`)
    .join('');
  const link =
    entry.kind === 'order'
      ? `<a href="${escapeHtml(adminUrl)}" target="_blank" rel="noopener">See it in the admin ↗</a>`
      : '';
  return `<li><span class="mark mark-${entry.kind}" aria-hidden="true"></span>
    <div><p><strong>${escapeHtml(entry.title)}</strong> <time datetime="${entry.at.toISOString()}">${time} UTC</time> ${link}</p>
    <dl>${details}</dl></div></li>`;
}

function adScreen(view: PlaygroundView): string {
  const ads = ADS.map(
    (
      { id, headline, body },
      index,
    ) => `<label class="ad"><input type="radio" name="adId" value="${id}"${view.adId === id ? ' checked' : ''}>
    <span class="picture picture-${index}" aria-hidden="true"></span>
    <span class="copy"><strong>${escapeHtml(headline)}</strong><span>${escapeHtml(body)}</span></span></label>`,
  );
  return `<div class="screen">
    <div class="account"><span class="avatar" aria-hidden="true">${escapeHtml(view.shopName.charAt(0))}</span>
      <span><strong>${escapeHtml(view.shopName)}</strong><span>Sponsored</span></span></div>
    <fieldset><legend>Which ad?</legend>${ads.join('')}</fieldset>
    <label class="field">Your WhatsApp number
      <input name="phone" type="tel" autocomplete="off" required value="${escapeHtml(view.phone)}"></label>
    <label class="check"><input type="checkbox" name="hidePhone" value="on"${view.hidePhone ? ' checked' : ''}>
      Hide my number behind a username</label>
    ${problem(view, 'ad')}
    <button class="whatsapp">Tap the ad</button>
    <p class="small">Opens WhatsApp and sends “Can I get more info about this?”</p>
  </div>`;
}

function checkout(view: PlaygroundView): string {
  return `<div class="basket"><span class="picture picture-0" aria-hidden="true"></span>
      <span><strong>Linen shirt</strong><span>1 × size M</span></span></div>
    <label class="field">Phone for the delivery
      <input name="phone" type="tel" autocomplete="off" value="${escapeHtml(view.phone)}"></label>
    <label class="field">Amount
      <span class="money"><span>${escapeHtml(view.currency)}</span>
      <input name="amount" inputmode="decimal" autocomplete="off" required value="${escapeHtml(view.amount)}"></span></label>
    ${problem(view, 'order')}
    <button name="paid" value="yes">Place and pay</button>
    <button name="paid" value="no" class="plain">Place, pay on delivery</button>`;
}

function problem(view: PlaygroundView, form: 'ad' | 'order'): string {
  return view.problem?.form === form
    ? `<p class="problem" role="alert">${escapeHtml(view.problem.text)}</p>`
    : '';
}

const SCRIPT = `
setInterval(async () => {
  const response = await fetch('/log').catch(() => null);
  if (!response?.ok) return;
  const html = await response.text();
  const log = document.getElementById('log');
  if (log.dataset.html !== html) { log.dataset.html = html; log.innerHTML = html; }
}, 1000);
`;

const STYLE = `
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; background: #f4f1ea; color: #23261f; font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', sans-serif; }
header, main { max-width: 1040px; margin: 0 auto; padding: 0 24px; }
header { display: flex; align-items: flex-end; justify-content: space-between; gap: 16px; padding-top: 36px; flex-wrap: wrap; }
.eyebrow { margin: 0; color: #0f6b4f; font-weight: 650; font-size: 14px; }
h1 { margin: 2px 0 0; font-size: 30px; line-height: 1.15; letter-spacing: -0.02em; }
h2 { display: flex; align-items: center; gap: 10px; font-size: 18px; margin: 0 0 16px; }
h2 span { flex: none; display: grid; place-items: center; width: 28px; height: 28px; border-radius: 50%; background: #23261f; color: #fff; font-size: 14px; }
a { color: #0b5d44; }
.admin { padding: 8px 14px; border: 1px solid #0f6b4f; border-radius: 999px; text-decoration: none; font-weight: 600; }
main { display: grid; grid-template-columns: 1fr 1fr; gap: 40px; padding-top: 32px; padding-bottom: 64px; }
.log { grid-column: 1 / -1; }
input, button { font: inherit; }
:focus-visible { outline: 3px solid #2f7cf6; outline-offset: 2px; }
.phone { max-width: 380px; margin: 0 auto; padding: 12px; border-radius: 44px; background: #1c1f1a; box-shadow: 0 24px 48px -24px rgb(40 50 30 / 0.5); }
.screen { border-radius: 33px; background: #fff; padding: 22px 18px 18px; }
.account, .basket { display: flex; align-items: center; gap: 12px; margin-bottom: 14px; }
.account span span, .basket span span { display: block; color: #62675c; font-size: 13px; line-height: 1.2; }
.avatar { display: grid; place-items: center; width: 40px; height: 40px; border-radius: 50%; background: #0f6b4f; color: #fff; font-weight: 700; }
fieldset { display: grid; gap: 10px; border: 0; padding: 0; margin: 0 0 14px; }
legend { padding: 0; font-weight: 600; font-size: 14px; margin-bottom: 6px; }
.ad { position: relative; display: grid; grid-template-columns: 84px 1fr; border: 1px solid #dcdcd2; border-radius: 14px; overflow: hidden; cursor: pointer; }
.ad:has(:checked) { border-color: #0f6b4f; box-shadow: inset 0 0 0 1px #0f6b4f; }
.ad:has(:focus-visible) { outline: 3px solid #2f7cf6; outline-offset: 2px; }
.ad input { position: absolute; opacity: 0; }
.copy { padding: 12px; font-size: 14px; line-height: 1.3; }
.copy strong { display: block; margin-bottom: 2px; }
.copy span { color: #62675c; }
.picture { display: block; min-height: 84px; background: linear-gradient(150deg, #9cc9b2, #e9d8a6 55%, #f7b267); }
.picture-1 { background: linear-gradient(150deg, #f7cad0, #f9a66c 55%, #c8553d); }
.basket .picture { width: 64px; min-height: 64px; border-radius: 12px; }
.field { display: block; font-weight: 600; font-size: 14px; margin-bottom: 12px; }
.field input { width: 100%; margin-top: 4px; padding: 10px 12px; border: 1px solid #a9ad9f; border-radius: 10px; background: #fff; color: inherit; font-size: 16px; font-weight: 400; }
.check { display: flex; gap: 8px; align-items: center; font-size: 14px; margin-bottom: 14px; }
.check input { width: 18px; height: 18px; accent-color: #0f6b4f; }
.money { display: flex; align-items: center; gap: 10px; }
.money span { font-weight: 400; color: #62675c; }
button { width: 100%; padding: 12px 16px; border: 0; border-radius: 12px; background: #23261f; color: #fff; font-weight: 650; cursor: pointer; }
button:hover { filter: brightness(1.12); }
button.whatsapp { background: #0b7a4b; border-radius: 999px; }
button.plain { margin-top: 8px; background: #fff; color: #23261f; box-shadow: inset 0 0 0 1px #a9ad9f; }
.small, .hint { color: #62675c; font-size: 13px; }
.small { text-align: center; margin: 8px 0 0; }
.card, .log > div { padding: 24px; border-radius: 20px; background: #fff; box-shadow: 0 12px 32px -24px rgb(40 50 30 / 0.5); }
.problem { margin: 0 0 12px; padding: 10px 12px; border-radius: 10px; background: #fdecea; color: #8e0b21; font-size: 14px; }
.total { margin: 0; color: #62675c; } .total strong { color: #0b5d44; font-size: 22px; }
.empty { margin: 8px 0 0; color: #62675c; }
ol { list-style: none; margin: 12px 0 0; padding: 0; }
li { display: grid; grid-template-columns: 12px minmax(0, 1fr); gap: 12px; padding: 12px 0; border-top: 1px solid #ecebe3; }
.mark { width: 12px; height: 12px; margin-top: 6px; border-radius: 50%; background: #0b7a4b; }
.mark-order { border-radius: 3px; background: #23261f; }
.mark-problem { border-radius: 0; background: #c70a24; clip-path: polygon(50% 0, 100% 100%, 0 100%); }
li p { margin: 0; } time { color: #62675c; font-size: 13px; margin: 0 8px; }
dl { display: flex; flex-wrap: wrap; gap: 2px 20px; margin: 2px 0 0; font-size: 13px; }
dl div { display: flex; gap: 6px; min-width: 0; } dt { color: #62675c; } dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 760px) {
  main { grid-template-columns: minmax(0, 1fr); gap: 32px; padding-top: 24px; }
  header, main { padding-left: 16px; padding-right: 16px; }
  header { padding-top: 24px; }
  h1 { font-size: 25px; }
}
`;
