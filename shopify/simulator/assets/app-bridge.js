// Stands in for Shopify's App Bridge inside the simulated admin: the global "shopify", told to and answered by the
// frame around the page through postMessage. Its shape follows @shopify/app-bridge-types.
(() => {
  'use strict';

  const embedded = window.parent !== window;
  const remembered = 'app-bridge-stand-in';
  const frameParams = ['embedded', 'shop', 'host', 'id_token', 'locale', 'session', 'hmac', 'timestamp'];

  // The first document of the frame is told who it is for; later ones of the same tab remember it.
  const readParams = () => {
    const here = Object.fromEntries(new URLSearchParams(location.search));
    let before = {};
    try {
      before = JSON.parse(sessionStorage.getItem(remembered) ?? '{}');
      if (here.shop) sessionStorage.setItem(remembered, JSON.stringify({ shop: here.shop, host: here.host, locale: here.locale }));
    } catch {
      // Storage may be closed to a page in a frame: then every document has to be told.
    }
    return { ...before, ...here };
  };
  const params = readParams();

  let number = 0;
  const waiting = new Map();
  const frameOrigin = () => location.ancestorOrigins?.[0] ?? (document.referrer ? new URL(document.referrer).origin : '*');
  const post = (type, data = {}) => {
    if (embedded) window.parent.postMessage({ bridge: 'app', type, ...data }, frameOrigin());
  };
  const ask = (type, data = {}) => new Promise((resolve, reject) => {
    if (!embedded) {
      reject(new Error('The page is not inside the admin.'));
      return;
    }
    const id = ++number;
    waiting.set(id, { resolve, reject });
    post(type, { ...data, id });
  });

  // --- identity

  let token = { text: params.id_token ?? '', until: 0 };
  const expiry = (text) => {
    try {
      return JSON.parse(atob(text.split('.')[1].replaceAll('-', '+').replaceAll('_', '/'))).exp * 1000;
    } catch {
      return 0;
    }
  };
  token.until = expiry(token.text);

  let asking;
  const idToken = async ({ fresh = false } = {}) => {
    if (!fresh && token.until - Date.now() > 10_000) return token.text;
    asking ??= ask('token').finally(() => { asking = undefined; });
    const text = await asking;
    token = { text, until: expiry(text) };
    return text;
  };

  // Requests to the page's own origin carry the token unless they name one; one refused as stale is sent once more.
  const plainFetch = window.fetch.bind(window);
  window.fetch = async (input, init) => {
    const request = new Request(input, init);
    const own = new URL(request.url).origin === location.origin;
    if (!own || !embedded || request.headers.has('Authorization')) return plainFetch(request);
    const again = request.clone();
    const send = async (to, fresh) => {
      to.headers.set('Authorization', `Bearer ${await idToken({ fresh })}`);
      to.headers.set('X-Requested-With', 'XMLHttpRequest');
      return plainFetch(to);
    };
    const answer = await send(request, false);
    if (answer.status !== 401 || !answer.headers.has('X-Shopify-Retry-Invalid-Session-Request')) return answer;
    return send(again, true);
  };

  // --- where the page is

  const place = () => {
    const url = new URL(location.href);
    for (const name of frameParams) url.searchParams.delete(name);
    return url.pathname + url.search + url.hash;
  };
  let told;
  const tellPlace = () => {
    if (place() === told) return;
    told = place();
    post('place', { place: told, title: document.title });
  };
  for (const name of ['pushState', 'replaceState']) {
    const plain = history[name].bind(history);
    history[name] = (...rest) => {
      plain(...rest);
      tellPlace();
    };
  }
  addEventListener('popstate', tellPlace);

  const adminPath = (address) => /^shopify:(?:\/\/)?admin(\/.*)?$/.exec(address)?.[1] ?? null;
  const plainOpen = window.open.bind(window);
  window.open = (address, ...rest) => {
    const path = adminPath(String(address ?? ''));
    if (path === null) return plainOpen(address, ...rest);
    post('admin', { path, blank: rest[0] === '_blank' });
    return null;
  };

  // The page's router hears "shopify:navigate" on the link; its target's href says where to.
  const navigate = async (link) => {
    try {
      await saveBar.leaveConfirmation();
    } catch {
      return;
    }
    link.dispatchEvent(new CustomEvent('shopify:navigate', { bubbles: true, composed: true, cancelable: true }));
  };

  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    const link = event.composedPath().find((node) => node.getAttribute?.('href') && /^(a|s-link|s-button|s-clickable|s-clickable-chip)$/.test(node.localName) && node.getRootNode() === document);
    if (!link) return;
    const href = link.getAttribute('href');
    const path = adminPath(href);
    if (path !== null) {
      event.preventDefault();
      post('admin', { path, blank: link.getAttribute('target') === '_blank' || event.metaKey || event.ctrlKey });
      return;
    }
    const target = link.getAttribute('target') ?? 'auto';
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || !['auto', '_self', ''].includes(target) || link.hasAttribute('download')) return;
    const url = new URL(href, location.href);
    const samePage = href.startsWith('#');
    if (url.origin !== location.origin || samePage || !link.localName.startsWith('s-')) return;
    event.preventDefault();
    navigate(link);
  });

  // --- the app's links in the admin's navigation

  class AppNav extends HTMLElement {
    connectedCallback() {
      this.hidden = true;
      this.observer = new MutationObserver(() => this.tell());
      this.observer.observe(this, { childList: true, subtree: true, characterData: true, attributes: true });
      this.tell();
    }

    disconnectedCallback() { this.observer.disconnect(); }

    get links() { return [...this.querySelectorAll('a[href], s-link[href]')]; }

    tell() {
      post('links', {
        links: this.links.map((link) => ({
          href: link.getAttribute('href'), label: link.textContent.trim(), home: link.getAttribute('rel') === 'home',
        })),
      });
    }
  }
  customElements.define('s-app-nav', AppNav);
  customElements.define('ui-nav-menu', class extends AppNav {});

  const follow = (href) => {
    const link = document.querySelector('s-app-nav, ui-nav-menu')?.links.find((one) => one.getAttribute('href') === href);
    if (link) {
      navigate(link);
      return;
    }
    const passing = document.createElement('a');
    passing.setAttribute('href', href);
    passing.hidden = true;
    document.body.append(passing);
    navigate(passing).finally(() => passing.remove());
  };

  // --- toasts

  const toasts = new Map();
  let toastNumber = 0;
  const toast = {
    show(message, options = {}) {
      const id = `toast-${++toastNumber}`;
      toasts.set(id, options);
      const { duration, isError, action } = options;
      post('toast', {
        toast: id, message: String(message), duration, isError: Boolean(isError), action,
      });
      if (!embedded) console.info(`Toast: ${message}`);
      return id;
    },
    hide(id) { post('toast-hide', { toast: id }); },
  };

  // --- the save bar

  let showing = null;
  let leaving = null;
  const sayBar = (bar) => {
    showing = bar;
    post('save-bar', { shown: Boolean(bar), confirm: Boolean(bar?.confirm), busy: Boolean(bar?.busy?.()) });
  };

  class SaveBar extends HTMLElement {
    connectedCallback() {
      this.hidden = true;
      this.observer = new MutationObserver(() => { if (this.showing) sayBar(showing); });
      this.observer.observe(this, { childList: true, subtree: true, attributes: true, attributeFilter: ['loading', 'disabled'] });
    }

    disconnectedCallback() {
      this.observer.disconnect();
      this.hide();
    }

    get showing() { return showing?.owner === this; }
    get discardConfirmation() { return this.hasAttribute('discardConfirmation'); }
    set discardConfirmation(on) { this.toggleAttribute('discardConfirmation', Boolean(on)); }

    async show() {
      if (this.showing) return;
      const press = (selector) => () => this.querySelector(selector)?.click();
      sayBar({
        owner: this,
        confirm: this.discardConfirmation,
        busy: () => this.querySelector('button[variant="primary"]:is([loading], [disabled])') !== null,
        save: press('button[variant="primary"]'),
        discard: press('button:not([variant="primary"])'),
      });
      this.dispatchEvent(new Event('show'));
    }

    async hide() {
      if (!this.showing) return;
      sayBar(null);
      this.dispatchEvent(new Event('hide'));
    }

    toggle() { return this.showing ? this.hide() : this.show(); }
  }
  customElements.define('ui-save-bar', SaveBar);

  const barOf = (id) => document.getElementById(id) ?? { show() { throw new Error(`No save bar has the id ${id}.`); }, hide() {}, toggle() {} };
  const saveBar = {
    async show(id) { await barOf(id).show(); },
    async hide(id) { await barOf(id).hide(); },
    async toggle(id) { await barOf(id).toggle(); },
    // One question at a time: whoever asks while it is open gets the same answer.
    leaveConfirmation() {
      if (!showing) return Promise.resolve();
      const { discard } = showing;
      leaving ??= ask('leave').then(() => {
        discard();
        sayBar(null);
      }).finally(() => { leaving = null; });
      return leaving;
    },
  };

  // A form with data-save-bar shows the bar by itself as soon as something in it changes.
  const formOf = (event) => event.target.closest?.('form[data-save-bar]');
  const dirty = (event) => {
    const form = formOf(event);
    if (!form || showing?.owner === form) return;
    sayBar({
      owner: form, confirm: form.hasAttribute('data-discard-confirmation'), save: () => form.requestSubmit(), discard: () => form.reset(),
    });
  };
  document.addEventListener('input', dirty);
  document.addEventListener('change', dirty);
  for (const type of ['submit', 'reset']) {
    document.addEventListener(type, (event) => { if (showing && showing.owner === event.target) sayBar(null); });
  }
  new MutationObserver(() => {
    if (showing && !showing.owner.isConnected) sayBar(null);
    for (const modal of openModals) if (!modal.isConnected) dim(modal, false);
  }).observe(document, { childList: true, subtree: true });
  addEventListener('beforeunload', (event) => { if (showing) event.preventDefault(); });

  // --- modals: the frame goes dark with the page

  const openModals = new Set();
  const dim = (modal, on) => {
    if (on) openModals.add(modal);
    else openModals.delete(modal);
    post('dim', { on: openModals.size > 0 });
  };
  document.addEventListener('show', (event) => { if (event.target.localName === 's-modal') dim(event.target, true); }, true);
  document.addEventListener('afterhide', (event) => { if (event.target.localName === 's-modal') dim(event.target, false); }, true);
  const modalOf = (id) => {
    const modal = document.getElementById(id);
    if (!modal?.showOverlay) throw new Error(`No modal has the id ${id}.`);
    return modal;
  };

  // --- what the frame says

  const hears = {
    reply: ({ id, value, error }) => {
      const held = waiting.get(id);
      waiting.delete(id);
      if (error) held?.reject(new Error(error));
      else held?.resolve(value);
    },
    navigate: ({ href }) => follow(href),
    save: () => showing?.save(),
    discard: () => showing?.discard(),
    'toast-action': ({ toast: id }) => toasts.get(id)?.onAction?.(),
    'toast-dismiss': ({ toast: id }) => toasts.get(id)?.onDismiss?.(),
  };
  addEventListener('message', (event) => {
    if (event.source !== window.parent || event.data?.bridge !== 'admin') return;
    hears[event.data.type]?.(event.data);
  });

  // --- the global

  const missing = (name) => () => Promise.reject(new Error(`${name} is not part of the simulated admin.`));
  const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? '';

  window.shopify = {
    config: {
      get apiKey() { return meta('shopify-api-key'); },
      shop: params.shop ?? '',
      host: params.host ?? '',
      locale: params.locale ?? 'en-US',
    },
    origin: embedded ? frameOrigin() : location.origin,
    ready: embedded ? ask('hello').then(() => undefined) : Promise.resolve(),
    environment: {
      mobile: false, embedded, pos: false, intent: false,
    },
    setSignals() {},
    loading: (on = true) => post('loading', { on: Boolean(on) }),
    idToken: () => idToken(),
    user: () => ask('user'),
    toast,
    saveBar,
    modal: {
      async show(id) { modalOf(id).showOverlay(); },
      async hide(id) { modalOf(id).hideOverlay(); },
      async toggle(id) { modalOf(id).toggleOverlay(); },
    },
    webVitals: { async onReport() {} },
    support: { async registerHandler() {} },
    reviews: { request: async () => ({ success: false, code: 'merchant-ineligible', message: 'A simulated store writes no reviews.' }) },
    app: { extensions: async () => [] },
    scopes: { query: missing('scopes.query'), request: missing('scopes.request'), revoke: missing('scopes.revoke') },
    resourcePicker: missing('resourcePicker'),
    picker: missing('picker'),
    scanner: { capture: missing('scanner.capture') },
    intents: { request: { value: null, subscribe: () => () => {} }, register: () => () => {}, invoke: missing('intents.invoke') },
    shopifyQL: { available: async () => false },
    tools: { register: () => () => {}, unregister() {}, clear() {} },
  };

  if (!embedded) {
    console.warn('This page belongs inside the admin: open it through the simulator. There is no session outside of it.');
  }
  document.addEventListener('DOMContentLoaded', tellPlace);
})();
