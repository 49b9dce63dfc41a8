// The pretend App Bridge, served as text and run inside the framed app. It has the surface of Shopify's
// (shopify.dev/docs/api/app-bridge-library) and speaks to the admin page around it by postMessage.
(() => {
  const { document, location, history, sessionStorage, Request, URLSearchParams } = globalThis;
  if (globalThis.shopify) return;
  const script = document.currentScript;
  const adminOrigin = new URL(script.src).origin;
  const admin = globalThis.parent;
  const isFramed = admin !== globalThis.self;
  const channel = 'pretend-app-bridge';
  const query = new URLSearchParams(location.search);
  const launchKeys = ['shop', 'host', 'embedded', 'id_token', 'locale', 'session', 'hmac', 'timestamp'];
  const listeners = new Map();
  const answers = new Map();
  let lastId = 0;

  const config = readConfig();
  const reloadTarget = query.get('shopify-reload');
  const isAuthPage = reloadTarget !== null || location.pathname.startsWith('/auth/');

  function readConfig() {
    const stored = JSON.parse(sessionStorage.getItem(channel) ?? '{}');
    const meta = document.querySelector('meta[name="shopify-api-key"]');
    const found = {
      apiKey: script.dataset.apiKey ?? meta?.content ?? stored.apiKey,
      shop: query.get('shop') ?? stored.shop,
      host: query.get('host') ?? stored.host,
      locale: query.get('locale') ?? stored.locale ?? 'en-US',
    };
    sessionStorage.setItem(channel, JSON.stringify(found));
    return found;
  }

  function post(kind, payload = {}) {
    if (isFramed) admin.postMessage({ channel, kind, ...payload }, adminOrigin);
  }

  function ask(kind, payload = {}) {
    if (!isFramed) return Promise.reject(new Error('The app is not inside the admin.'));
    lastId += 1;
    const id = lastId;
    return new Promise((resolve) => {
      answers.set(id, resolve);
      post(kind, { ...payload, id });
    });
  }

  function on(kind, listener) {
    listeners.set(kind, listener);
  }

  globalThis.addEventListener('message', ({ source, origin, data }) => {
    if (source !== admin || origin !== adminOrigin || data?.channel !== channel) return;
    if (data.kind === 'answer') {
      answers.get(data.id)?.(data.value);
      answers.delete(data.id);
      return;
    }
    listeners.get(data.kind)?.(data);
  });

  const idToken = () => ask('id_token');

  const toasts = new Map();
  const toast = {
    show(message, options = {}) {
      lastId += 1;
      const id = String(lastId);
      const { duration = 5000, isError = false, action = null } = options;
      toasts.set(id, options);
      post('toast.show', { id, message, duration, isError, action });
      return id;
    },
    hide: (id) => post('toast.hide', { id }),
  };
  on('toast.action', ({ id }) => toasts.get(id)?.onAction?.());
  on('toast.gone', ({ id, byMerchant }) => {
    if (byMerchant) toasts.get(id)?.onDismiss?.();
    toasts.delete(id);
  });

  async function callElement(tag, id, method) {
    const element = document.getElementById(id);
    if (element?.localName !== tag) throw new Error(`There is no ${tag} with the id ${id}.`);
    await element[method]();
  }
  const elementApi = (tag) => ({
    show: (id) => callElement(tag, id, 'show'),
    hide: (id) => callElement(tag, id, 'hide'),
    toggle: (id) => callElement(tag, id, 'toggle'),
  });
  const notInSandbox = (name) => () => Promise.reject(new Error(`The pretend App Bridge has no ${name}.`));

  globalThis.shopify = {
    config,
    origin: adminOrigin,
    ready: Promise.resolve(),
    setSignals() {},
    environment: { mobile: false, embedded: isFramed, pos: false, intent: false },
    idToken,
    toast,
    loading: (isLoading = true) => post('loading', { isLoading }),
    modal: elementApi('ui-modal'),
    saveBar: { ...elementApi('ui-save-bar'), leaveConfirmation: () => ask('leave') },
    scopes: {
      query: () => ask('scopes.query'),
      request: async (scopes) => ({ result: 'declined-all', detail: await ask('scopes.query', { scopes }) }),
      revoke: async () => ({ detail: await ask('scopes.query') }),
    },
    app: { extensions: () => Promise.resolve([]) },
    user: () => Promise.resolve({ accountAccess: 'Administrator' }),
    webVitals: { onReport: () => Promise.resolve() },
    support: { registerHandler: () => Promise.resolve() },
    tools: { register: () => () => undefined, unregister() {}, clear() {} },
    shopifyQL: { available: () => Promise.resolve(false) },
    resourcePicker: notInSandbox('resourcePicker'),
    picker: notInSandbox('picker'),
    reviews: { request: notInSandbox('reviews') },
    intents: { invoke: notInSandbox('intents') },
    scanner: { capture: notInSandbox('scanner') },
  };

  // Same-origin requests carry a fresh token; a 401 that asks for it is tried once more
  // (shopify.dev/docs/apps/build/authentication-authorization/session-tokens).
  const realFetch = globalThis.fetch.bind(globalThis);
  async function withToken(request) {
    request.headers.set('Authorization', `Bearer ${await idToken()}`);
    return request;
  }
  globalThis.fetch = async function fetch(input, init) {
    const url = new URL(input instanceof Request ? input.url : input, document.baseURI);
    if (url.origin !== location.origin || !isFramed) return realFetch(input, init);
    const request = new Request(input, init);
    if (request.headers.has('authorization')) return realFetch(request);
    const again = request.clone();
    const answer = await realFetch(await withToken(request));
    const isStale = answer.status === 401 && answer.headers.has('X-Shopify-Retry-Invalid-Session-Request');
    return isStale ? realFetch(await withToken(again)) : answer;
  };

  const realOpen = globalThis.open.bind(globalThis);
  globalThis.open = function open(url, target, features) {
    const leavesFrame = target === '_top' || target === '_parent' || String(url).startsWith('shopify:');
    if (!isFramed || !leavesFrame) return realOpen(url, target, features);
    post('open', {
      url: String(url).startsWith('shopify:') ? String(url) : new URL(url, document.baseURI).href,
    });
    return null;
  };

  function reportPlace() {
    if (isAuthPage) return;
    const url = new URL(location.href);
    for (const key of launchKeys) url.searchParams.delete(key);
    post('navigated', { path: url.pathname + url.search });
  }
  for (const method of ['pushState', 'replaceState']) {
    const real = history[method].bind(history);
    history[method] = (...args) => {
      real(...args);
      reportPlace();
    };
  }
  globalThis.addEventListener('popstate', reportPlace);

  async function bounce() {
    const target = new URL(reloadTarget);
    if (target.origin !== location.origin) return;
    target.searchParams.set('id_token', await idToken());
    location.replace(target);
  }

  function enterAdmin() {
    const handle = config.shop?.replace('.myshopify.com', '');
    if (handle) location.replace(`${adminOrigin}/store/${handle}/apps/tieback${location.pathname}`);
  }

  if (!isFramed) enterAdmin();
  else if (reloadTarget !== null) void bounce();
  else reportPlace();

  // What the elements need; app-bridge-elements.js, served right behind this file, takes it and removes it.
  globalThis.pretendAppBridge = { post, on, isAuthPage };
})();
