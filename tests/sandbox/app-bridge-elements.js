// The elements of the pretend App Bridge (shopify.dev/docs/api/app-bridge-library/web-components). They draw nothing in
// the frame, ui-modal excepted: the admin page around it shows what they hold.
(() => {
  const { document, customElements, pretendAppBridge, queueMicrotask } = globalThis;
  const { CSSStyleSheet, CustomEvent, Event, HTMLElement, MutationObserver } = globalThis;
  if (!pretendAppBridge) return;
  const { post, on, isAuthPage } = pretendAppBridge;
  delete globalThis.pretendAppBridge;

  // A constructed sheet: the app's content security policy may forbid style elements and attributes.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    ui-nav-menu, ui-title-bar, ui-save-bar, ui-modal { display: none !important; }
    dialog.pretend-modal { border: 0; border-radius: 12px; padding: 0; width: min(620px, calc(100vw - 32px));
      box-shadow: 0 20px 60px rgb(0 0 0 / 0.35); font: 14px/1.45 system-ui, sans-serif; color: #303030; }
    dialog.pretend-modal::backdrop { background: rgb(0 0 0 / 0.5); }
    .pretend-modal > header, .pretend-modal > footer { display: flex; gap: 8px; padding: 12px 16px; background: #f3f3f3; }
    .pretend-modal > div { padding: 16px; }
    .pretend-modal > footer:empty { display: none; }
    .pretend-modal > header { justify-content: space-between; align-items: center; font-weight: 650; }
    .pretend-modal > footer { justify-content: flex-end; }
    .pretend-modal iframe { width: 100%; height: 60vh; border: 0; }
    .pretend-modal > header button, .pretend-modal > footer button { font: inherit; padding: 6px 12px;
      border: 1px solid #8a8a8a; border-radius: 8px; background: #fff; cursor: pointer; }
    .pretend-modal > footer button[data-variant='primary'] { background: #303030; color: #fff; border-color: #303030; }
  `);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

  const isOn = (element, name) => element.hasAttribute(name) && element.getAttribute(name) !== 'false';
  const describe = (element) => ({
    label: element.textContent.trim(),
    variant: element.getAttribute('variant'),
    tone: element.getAttribute('tone'),
    group: element.closest('section')?.getAttribute('label') ?? null,
    disabled: isOn(element, 'disabled') || isOn(element, 'loading'),
    loading: isOn(element, 'loading'),
  });

  const pageTitleBar = () =>
    [...document.querySelectorAll('ui-title-bar')].filter((bar) => !bar.closest('ui-modal')).at(-1);
  const titleActions = () => [...(pageTitleBar()?.querySelectorAll('button, a') ?? [])];
  const navLinks = () => [...document.querySelectorAll('ui-nav-menu a')];
  const shownSaveBar = () =>
    [...document.querySelectorAll('ui-save-bar')].filter((bar) => bar.showing).at(-1);
  const saveBarButton = (bar, which) =>
    bar?.querySelector(which === 'save' ? 'button[variant="primary"]' : 'button:not([variant="primary"])');

  const reports = {
    title: () => ({
      title: pageTitleBar()?.getAttribute('title') || document.title,
      actions: titleActions().map(describe),
    }),
    nav: () => ({
      links: navLinks().map((link) => ({
        href: link.getAttribute('href'),
        label: link.textContent.trim(),
        isHome: link.rel === 'home',
      })),
    }),
    save_bar: () => {
      const bar = shownSaveBar();
      const [save, discard] = ['save', 'discard'].map((which) => saveBarButton(bar, which));
      return {
        isShown: bar !== undefined,
        save: save ? describe(save) : null,
        discard: discard ? describe(discard) : null,
        confirmDiscard: bar?.discardConfirmation ?? false,
      };
    },
  };

  const pending = new Set();
  function report(kind) {
    if (isAuthPage) return;
    if (pending.size === 0) queueMicrotask(sendReports);
    pending.add(kind);
  }
  function sendReports() {
    for (const kind of pending) post(kind, reports[kind]());
    pending.clear();
  }

  on('title.click', ({ index }) => titleActions()[index]?.click());
  on('nav.click', ({ href }) => {
    const link = navLinks().find((one) => one.getAttribute('href') === href);
    link?.dispatchEvent(new CustomEvent('shopify:navigate', { bubbles: true }));
  });
  on('save_bar.click', ({ which }) => saveBarButton(shownSaveBar(), which)?.click());

  class WatchedElement extends HTMLElement {
    #observer = new MutationObserver(() => report(this.kind));
    connectedCallback() {
      this.#observer.observe(this, { attributes: true, childList: true, subtree: true, characterData: true });
      report(this.kind);
    }
    disconnectedCallback() {
      this.#observer.disconnect();
      report(this.kind);
    }
  }

  class NavMenu extends WatchedElement {
    kind = 'nav';
  }

  class TitleBar extends WatchedElement {
    kind = 'title';
  }

  class SaveBar extends WatchedElement {
    static observedAttributes = ['open'];
    kind = 'save_bar';
    #showing = false;
    get showing() {
      return this.#showing;
    }
    get open() {
      return this.#showing;
    }
    set open(isOpen) {
      this.#set(Boolean(isOpen));
    }
    get discardConfirmation() {
      return isOn(this, 'discardconfirmation');
    }
    set discardConfirmation(isAsked) {
      this.toggleAttribute('discardconfirmation', Boolean(isAsked));
    }
    attributeChangedCallback() {
      this.#set(isOn(this, 'open'));
    }
    async show() {
      this.#set(true);
    }
    async hide() {
      this.#set(false);
    }
    async toggle() {
      this.#set(!this.#showing);
    }
    #set(showing) {
      if (this.#showing === showing) return;
      this.#showing = showing;
      report(this.kind);
      this.dispatchEvent(new Event(showing ? 'show' : 'hide'));
    }
  }

  class Modal extends HTMLElement {
    #dialog = null;
    #content = document.createElement('div');
    get content() {
      return this.#content;
    }
    get variant() {
      return this.getAttribute('variant') ?? 'base';
    }
    set variant(value) {
      this.setAttribute('variant', value);
    }
    get src() {
      return this.getAttribute('src') ?? undefined;
    }
    set src(value) {
      this.setAttribute('src', value);
    }
    get contentWindow() {
      return this.#content.querySelector('iframe')?.contentWindow ?? null;
    }
    async show() {
      if (this.#dialog) return;
      this.#dialog = this.#build();
      document.body.append(this.#dialog);
      this.#dialog.showModal();
      this.dispatchEvent(new Event('show'));
    }
    async hide() {
      if (!this.#dialog) return;
      this.#dialog.remove();
      this.#dialog = null;
      this.dispatchEvent(new Event('hide'));
    }
    async toggle() {
      await (this.#dialog ? this.hide() : this.show());
    }
    disconnectedCallback() {
      void this.hide();
    }
    #build() {
      const bar = this.querySelector('ui-title-bar');
      const dialog = document.createElement('dialog');
      dialog.className = 'pretend-modal';
      dialog.addEventListener('close', () => void this.hide());
      const header = document.createElement('header');
      header.append(
        bar?.getAttribute('title') ?? '',
        this.#button('Close', () => void this.hide()),
      );
      dialog.setAttribute('aria-label', bar?.getAttribute('title') ?? 'Dialog');
      const footer = document.createElement('footer');
      for (const action of bar?.querySelectorAll('button') ?? []) {
        const button = this.#button(action.textContent.trim(), () => action.click());
        button.dataset.variant = action.getAttribute('variant') ?? '';
        button.disabled = action.disabled;
        footer.append(button);
      }
      this.#fill();
      dialog.append(header, this.#content, footer);
      return dialog;
    }
    // React puts the children in `content` itself; plain HTML children are taken from the element.
    #fill() {
      if (this.src !== undefined) {
        const frame = document.createElement('iframe');
        frame.src = this.src;
        this.#content.replaceChildren(frame);
      } else if (!this.#content.hasChildNodes()) {
        this.#content.append(...[...this.children].filter(({ localName }) => !localName.startsWith('ui-')));
      }
    }
    #button(label, onClick) {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = label;
      button.addEventListener('click', onClick);
      return button;
    }
  }

  customElements.define('ui-nav-menu', NavMenu);
  customElements.define('ui-title-bar', TitleBar);
  customElements.define('ui-save-bar', SaveBar);
  customElements.define('ui-modal', Modal);
  new MutationObserver(() => report('title')).observe(document.documentElement, { childList: true });
  if (document.head) {
    new MutationObserver(() => report('title')).observe(document.head, {
      childList: true,
      subtree: true,
      characterData: true,
    });
  }
  report('title');
})();
