// The admin page around the framed app: shows what the app reports, and sends back what the merchant clicks.
(() => {
  const { document, location, history, setTimeout } = globalThis;
  const frame = document.querySelector('#app');
  const { base, appName, shopName, tokenUrl, scopes } = frame.dataset;
  const appOrigin = new URL(frame.dataset.src).origin;
  const channel = 'pretend-app-bridge';
  const part = (name) => document.querySelector(`#${name}`);
  const state = {
    path: location.pathname.slice(base.length),
    links: [],
    isDirty: false,
    confirmDiscard: false,
  };

  const post = (kind, payload = {}) =>
    frame.contentWindow.postMessage({ channel, kind, ...payload }, appOrigin);
  const answer = (id, value) => post('answer', { id, value });

  function button({ label, onClick, className = '', disabled = false, loading = false }) {
    const element = document.createElement('button');
    element.type = 'button';
    element.className = className;
    element.disabled = disabled;
    element.textContent = label;
    element.setAttribute('aria-busy', String(loading));
    element.addEventListener('click', onClick);
    return element;
  }

  function confirmWith(title, text, agree) {
    const dialog = part('confirm');
    dialog.querySelector('h2').textContent = title;
    dialog.querySelector('p').textContent = text;
    dialog.querySelector('[value="yes"]').textContent = agree;
    dialog.returnValue = 'no';
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
    });
  }
  const confirmLeave = async () =>
    !state.isDirty ||
    confirmWith(
      'Leave page with unsaved changes?',
      'Leaving this page will delete all unsaved changes.',
      'Leave page',
    );

  function drawLinks() {
    const path = state.path.split('?')[0];
    const current = state.links
      .filter(({ href, isHome }) => !isHome && (path === href || path.startsWith(`${href}/`)))
      .sort((a, b) => b.href.length - a.href.length)[0];
    const items = state.links
      .filter(({ isHome }) => !isHome)
      .map((link) => {
        const item = document.createElement('li');
        const anchor = document.createElement('a');
        anchor.href = base + link.href;
        anchor.textContent = link.label;
        if (link === current) anchor.setAttribute('aria-current', 'page');
        anchor.addEventListener('click', (event) => void follow(event, link.href));
        item.append(anchor);
        return item;
      });
    part('links').replaceChildren(...items);
    part('links').querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  async function follow(event, href) {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    if (await confirmLeave()) post('nav.click', { href });
  }

  function drawTitle({ title, actions }) {
    part('title').textContent = title || appName;
    document.title = [title, appName, shopName].filter(Boolean).join(' · ');
    const buttons = actions.map((action, index) =>
      button({
        ...action,
        className: [action.variant, action.tone].filter(Boolean).join(' '),
        onClick: () => post('title.click', { index }),
      }),
    );
    part('actions').replaceChildren(...buttons);
  }

  function drawSaveBar({ isShown, save, discard, confirmDiscard }) {
    Object.assign(state, { isDirty: isShown, confirmDiscard });
    part('save-bar').hidden = !isShown;
    const wanted = [
      ['discard', discard],
      ['save', save],
    ];
    for (const [which, described] of wanted) {
      const element = part(which);
      element.hidden = described === null;
      element.disabled = described?.disabled ?? false;
      element.setAttribute('aria-busy', String(described?.loading ?? false));
    }
  }
  part('save').addEventListener('click', () => post('save_bar.click', { which: 'save' }));
  part('discard').addEventListener('click', async () => {
    const isSure =
      !state.confirmDiscard ||
      (await confirmWith('Discard all unsaved changes?', 'Your changes will be lost.', 'Discard changes'));
    if (isSure) post('save_bar.click', { which: 'discard' });
  });

  function showToast({ id, message, duration, isError, action }) {
    const item = document.createElement('div');
    item.className = isError ? 'toast error' : 'toast';
    item.dataset.id = id;
    item.append(message);
    if (action) item.append(button({ label: action, onClick: () => post('toast.action', { id }) }));
    const close = button({ label: '✕', className: 'close', onClick: () => hideToast(id, true) });
    close.setAttribute('aria-label', 'Dismiss');
    item.append(close);
    part('toasts').append(item);
    setTimeout(() => hideToast(id, false), duration);
  }

  function hideToast(id, byMerchant) {
    const item = [...part('toasts').children].find((one) => one.dataset.id === id);
    if (!item) return;
    item.remove();
    post('toast.gone', { id, byMerchant });
  }

  async function answerToken(id) {
    const response = await fetch(tokenUrl);
    const { id_token: token } = await response.json();
    answer(id, token);
  }

  function openUrl(url) {
    const store = base.slice(0, base.indexOf('/apps/'));
    location.assign(url.startsWith('shopify://admin') ? url.replace('shopify://admin', store) : url);
  }

  const handlers = {
    navigated({ path }) {
      state.path = path;
      history.replaceState(null, '', base + path);
      part('loading').hidden = true;
      drawLinks();
    },
    nav({ links }) {
      state.links = links;
      drawLinks();
    },
    title: drawTitle,
    save_bar: drawSaveBar,
    loading: ({ isLoading }) => (part('loading').hidden = !isLoading),
    open: ({ url }) => openUrl(url),
    id_token: ({ id }) => answerToken(id),
    'toast.show': showToast,
    'toast.hide': ({ id }) => hideToast(id, false),
    'scopes.query': ({ id }) =>
      answer(id, { granted: scopes.split(','), required: scopes.split(','), optional: [] }),
    leave: async ({ id }) => {
      if (await confirmLeave()) answer(id, null);
    },
  };

  globalThis.addEventListener('message', ({ source, origin, data }) => {
    if (source !== frame.contentWindow || origin !== appOrigin || data?.channel !== channel) return;
    void handlers[data.kind]?.(data);
  });
  part('home').addEventListener('click', (event) => {
    const home = state.links.find(({ isHome }) => isHome);
    if (home) void follow(event, home.href);
  });
  // Only now may the app start: its first messages must find this page listening.
  frame.src = frame.dataset.src;
})();
