// The pretend Facebook SDK for JavaScript, with as much of it as Embedded Signup needs
// (developers.facebook.com/docs/javascript/reference/FB.login/v26.0 and
// developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/implementation).
(() => {
  const { document, location, URLSearchParams } = globalThis;
  if (globalThis.FB) return;
  const facebook = new URL(document.currentScript.src).origin;
  const NOBODY = { authResponse: null, status: 'unknown' };
  let settings = null;
  let login = null;

  function init(options = {}) {
    if (!/^v\d+\.\d+$/.test(options.version ?? '')) throw new Error('init not called with valid version');
    settings = options;
  }

  function openLogin(callback, options = {}) {
    if (settings === null) {
      console.error('FB.login() called before FB.init().');
      return;
    }
    if (typeof callback !== 'function') throw new TypeError('Expression is of type undefined, not function');
    close(NOBODY);
    const query = new URLSearchParams({
      app_id: settings.appId ?? '',
      config_id: options.config_id ?? '',
      origin: location.origin,
      extras: JSON.stringify(options.extras ?? {}),
      version: settings.version,
    });
    const wantsCode = options.response_type === 'code' && options.override_default_response_type === true;
    login = { callback, wantsCode, ...openWindow(`${facebook}/dialog/signup?${query}`) };
  }

  // A frame takes the place of the window where a browser does not let one open.
  function openWindow(url) {
    const popup = globalThis.open(url, 'pretend-facebook', 'popup,width=600,height=700');
    if (popup) {
      const watch = globalThis.setInterval(() => popup.closed && close(NOBODY), 300);
      const shut = () => {
        globalThis.clearInterval(watch);
        popup.close();
      };
      return { source: () => popup, shut };
    }
    const dialog = document.createElement('dialog');
    const frame = document.createElement('iframe');
    Object.assign(frame, { src: url, title: 'Facebook', width: '320', height: '420' });
    frame.style.border = '0';
    dialog.append(frame);
    document.body.append(dialog);
    dialog.addEventListener('cancel', () => close(NOBODY));
    dialog.showModal();
    return { source: () => frame.contentWindow, shut: () => dialog.remove() };
  }

  function close(answer) {
    if (login === null) return;
    const { callback, shut } = login;
    login = null;
    shut();
    callback(answer);
  }

  globalThis.addEventListener('message', ({ origin, source, data }) => {
    if (login === null || origin !== facebook || source !== login.source()) return;
    if (data?.channel !== 'pretend-facebook') return;
    if (data.code === null) return close(NOBODY);
    // Without the two options the SDK gives a token to the browser, and no code.
    const authResponse = login.wantsCode
      ? { userID: null, expiresIn: null, code: data.code }
      : { userID: '122000000000000', expiresIn: 5400, accessToken: 'EAAuserTokenOfTheSandbox' };
    close({ authResponse, status: 'connected' });
  });

  globalThis.FB = { init, login: openLogin, getLoginStatus: (callback) => callback(NOBODY) };
  globalThis.fbAsyncInit?.();
})();
