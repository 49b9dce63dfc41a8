import { escapeHtml } from './html.ts';

/** The admin page: a top bar with the shop, a navigation with the app's own links, and the app in a frame. */
export function adminPage(input: {
  shopName: string;
  handle: string;
  app: string;
  frameUrl: URL;
  scopes: string[];
}): string {
  const appName = input.app.charAt(0).toUpperCase() + input.app.slice(1);
  const base = `/store/${input.handle}/apps/${input.app}`;
  const initials = input.shopName
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join('');
  const data = {
    'data-src': input.frameUrl.href,
    'data-base': base,
    'data-app-name': appName,
    'data-shop-name': input.shopName,
    'data-token-url': `/store/${input.handle}/id_token`,
    'data-scopes': input.scopes.join(','),
  };
  const attributes = Object.entries(data).map(([name, value]) => `${name}="${escapeHtml(value)}"`);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(appName)} · ${escapeHtml(input.shopName)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<header class="top">
  <span class="brand"><svg viewBox="0 0 20 20" aria-hidden="true"><path d="M4 7h12l1 10H3z"/><path d="M7 9V6a3 3 0 0 1 6 0v3"/></svg>
  <span>Pretend Shopify</span></span>
  <div id="save-bar" role="region" aria-label="Unsaved changes" hidden>
    <span>Unsaved changes</span>
    <button type="button" id="discard">Discard</button>
    <button type="button" id="save" class="primary">Save</button>
  </div>
  <span class="shop"><span class="initials" aria-hidden="true">${escapeHtml(initials)}</span>
  <span class="shop-name">${escapeHtml(input.shopName)}</span></span>
</header>
<nav class="side" aria-label="Admin">
  <ul class="store" aria-hidden="true"><li>Home</li><li>Orders</li><li>Products</li><li>Customers</li><li>Marketing</li></ul>
  <p class="section" aria-hidden="true">Apps</p>
  <a id="home" href="${base}/app"><span class="icon" aria-hidden="true">${escapeHtml(appName.charAt(0))}</span>${escapeHtml(appName)}</a>
  <ul id="links"></ul>
</nav>
<main>
  <div class="title-bar">
    <span class="icon" aria-hidden="true">${escapeHtml(appName.charAt(0))}</span>
    <h1 id="title">${escapeHtml(appName)}</h1>
    <div id="actions"></div>
  </div>
  <div id="loading" aria-hidden="true"></div>
  <iframe id="app" title="${escapeHtml(appName)}" ${attributes.join(' ')}></iframe>
</main>
<div id="toasts" role="status" aria-live="polite"></div>
<dialog id="confirm"><form method="dialog"><h2></h2><p></p>
  <button value="no">Stay</button> <button value="yes" class="critical"></button></form></dialog>
<script src="/admin.js"></script>
</body>
</html>`;
}

const STYLE = `
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html, body { height: 100%; margin: 0; }
body { display: grid; grid: 56px minmax(0, 1fr) / 240px minmax(0, 1fr); background: #1a1a1a; color: #303030;
  font: 450 13px/1.4 Inter, system-ui, -apple-system, 'Segoe UI', sans-serif; }
button { font: inherit; font-weight: 550; padding: 5px 12px; border: 1px solid #c9c9c9; border-radius: 8px;
  background: #fff; color: #303030; cursor: pointer; }
button:hover { background: #f5f5f5; }
button.primary { background: #303030; border-color: #303030; color: #fff; }
button.primary:hover { background: #1a1a1a; }
button.critical { background: #c70a24; border-color: #c70a24; color: #fff; }
button:disabled { opacity: 0.5; cursor: default; }
button[aria-busy='true'] { cursor: progress; }
:focus-visible { outline: 2px solid #005bd3; outline-offset: 2px; }
.top { grid-column: 1 / -1; display: flex; align-items: center; justify-content: space-between; gap: 16px;
  padding: 0 16px; color: #e3e3e3; min-width: 0; }
.top :focus-visible { outline-color: #fff; }
.brand, .shop { display: flex; align-items: center; gap: 8px; font-weight: 600; white-space: nowrap; }
.brand { font-size: 15px; letter-spacing: -0.01em; color: #fff; }
.brand svg { width: 22px; fill: none; stroke: #7fd1a5; stroke-width: 1.6; stroke-linejoin: round; }
.initials { display: grid; place-items: center; width: 28px; height: 28px; border-radius: 8px;
  background: #25d0a0; color: #0b3b2e; font-size: 12px; font-weight: 700; }
#save-bar { flex: 0 1 560px; display: flex; align-items: center; gap: 8px; padding: 5px 6px 5px 14px;
  border: 1px solid #616161; border-radius: 10px; background: #303030; color: #fff; font-weight: 550; }
#save-bar span { flex: 1; white-space: nowrap; }
#save-bar button { border-color: #616161; background: #4a4a4a; color: #fff; }
#save-bar button.primary { background: #fff; color: #1a1a1a; border-color: #fff; }
.side { background: #ebebeb; border-radius: 12px 0 0 0; padding: 12px; overflow: auto; }
.side ul { list-style: none; margin: 0; padding: 0; }
.side .store li, .side a { display: flex; align-items: center; gap: 8px; padding: 6px 8px; border-radius: 8px; }
.side .store li { color: #5c5c5c; font-weight: 550; }
.section { margin: 16px 8px 4px; color: #616161; font-size: 12px; font-weight: 550; }
.side a { color: #303030; text-decoration: none; font-weight: 600; }
.side a:hover { background: #f1f1f1; }
#links a { padding-left: 36px; font-weight: 500; color: #4a4a4a; }
#links a[aria-current] { background: #fafafa; color: #1a1a1a; font-weight: 650; }
.icon { display: grid; place-items: center; flex: none; width: 20px; height: 20px; border-radius: 6px;
  background: #0f6b4f; color: #fff; font-size: 11px; font-weight: 700; }
main { position: relative; display: grid; grid-template-rows: auto minmax(0, 1fr); background: #f1f1f1;
  border-radius: 0 12px 0 0; overflow: hidden; border-left: 1px solid #d9d9d9; }
.title-bar { display: flex; align-items: center; gap: 8px; min-height: 48px; padding: 8px 16px; background: #fff;
  border-bottom: 1px solid #e3e3e3; }
.title-bar h1 { margin: 0; font-size: 14px; font-weight: 650; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; }
#actions { margin-left: auto; display: flex; gap: 8px; }
#actions button { white-space: nowrap; }
#loading { position: absolute; top: 47px; left: 0; height: 2px; width: 40%; background: #0f6b4f;
  animation: slide 1.1s ease-in-out infinite; }
@keyframes slide { from { transform: translateX(-100%); } to { transform: translateX(250%); } }
@media (prefers-reduced-motion: reduce) { #loading { animation: none; width: 100%; } }
iframe { width: 100%; height: 100%; border: 0; background: #f1f1f1; }
#toasts { position: fixed; bottom: 24px; left: 50%; transform: translateX(-50%); display: grid; gap: 8px;
  justify-items: center;
  width: max-content; max-width: calc(100vw - 32px); }
.toast { display: flex; align-items: center; gap: 12px; padding: 10px 12px 10px 16px; border-radius: 10px;
  background: #1a1a1a; color: #fff; font-weight: 550; box-shadow: 0 8px 24px rgb(0 0 0 / 0.25); }
.toast.error { background: #8e0b21; }
.toast button { border: 0; background: transparent; color: inherit; padding: 2px 6px; text-decoration: underline; }
.toast button.close { text-decoration: none; }
dialog { border: 0; border-radius: 12px; padding: 20px; max-width: 420px; box-shadow: 0 20px 60px rgb(0 0 0 / 0.35); }
dialog::backdrop { background: rgb(0 0 0 / 0.5); }
dialog h2 { margin: 0 0 8px; font-size: 15px; }
dialog form { text-align: right; } dialog h2, dialog p { text-align: left; }
dialog p { margin: 0 0 16px; } dialog button { margin-left: 4px; }
@media (max-width: 720px) {
  body { grid: 48px auto minmax(0, 1fr) / minmax(0, 1fr); }
  .top { padding: 0 12px; gap: 8px; }
  .shop-name { max-width: 40vw; overflow: hidden; text-overflow: ellipsis; }
  body:has(#save-bar:not([hidden])) :is(.brand, .shop) { display: none; }
  #save-bar { flex: 1; }
  .side { display: flex; align-items: center; gap: 4px; padding: 6px 8px; border-radius: 12px 12px 0 0; }
  .store, .section { display: none; }
  .side #links { display: flex; gap: 2px; overflow-x: auto; scrollbar-width: none; }
  .side a, #links a { padding: 6px 10px; white-space: nowrap; }
  main { border-radius: 0; border-left: 0; }
}
`;
