// The app's own page inside the admin, and the conversation with its App Bridge.
import { at, h, icon } from './dom.js';
import { simulator } from './simulator.js';
import { hideToast, toast } from './toasts.js';

// Shopify's "host": where in the admin the app is embedded, in URL-safe base64.
const hostOf = (shop) => btoa(`admin.shopify.com/store/${shop.replace(/\.myshopify\.com$/, '')}`).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');

const ask = (question, explanation, verb) => new Promise((resolve) => {
  const modal = h(
    's-modal',
    { heading: question, size: 'small' },
    h('s-paragraph', {}, explanation),
    h('s-button', { slot: 'secondary-actions', onclick: () => modal.hideOverlay() }, 'Stay'),
    h('s-button', { slot: 'primary-action', variant: 'primary', tone: 'critical', onclick: () => { agreed = true; modal.hideOverlay(); } }, verb),
  );
  let agreed = false;
  modal.addEventListener('afterhide', () => {
    modal.remove();
    resolve(agreed);
  });
  document.body.append(modal);
  modal.showOverlay();
});

const askToLeave = () => ask('Leave page with unsaved changes?', 'Leaving this page deletes all unsaved changes.', 'Leave page');
const askToDiscard = () => ask('Discard all unsaved changes?', 'If you discard changes, the page goes back to how it was last saved.', 'Discard changes');

export class AppFrame {
  constructor(state, hears) {
    this.state = state;
    this.hears = hears;
    this.iframe = null;
    this.bar = null;
    this.ready = false;
    addEventListener('message', (event) => this.heard(event));
  }

  get live() { return Boolean(this.iframe?.isConnected && this.ready); }

  get origin() { return new URL(this.state.config.appUrl, location.href).origin; }

  // Loads the app at a place of its own, as Shopify would: with the shop, the host and a fresh session token.
  async open(into, place) {
    const { shop, staff } = this.state;
    this.close();
    const iframe = h('iframe', { class: 'app-frame', title: 'Tagtrail', allow: 'clipboard-write', name: 'app-iframe' });
    this.iframe = iframe;
    const bar = h('div', { class: 'app-bar' }, h('span', { class: 'app-mark' }, icon('product')), h('span', { class: 'grow' }, 'Tagtrail'));
    try {
      const [config, token] = await Promise.all([simulator.config(), simulator.sessionToken(shop.shop, staff)]);
      this.state.config = config;
      if (!config.appUrl) throw new Error('The simulator does not know yet where the app runs.');
      if (this.iframe !== iframe) return;
      const url = new URL(config.appUrl.replace(/\/$/, '') + place, location.href);
      const params = {
        embedded: '1', shop: shop.shop, host: hostOf(shop.shop), id_token: token, locale: 'en', session: crypto.randomUUID().replaceAll('-', ''),
      };
      for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
      iframe.src = url.href;
      into.replaceChildren(bar, iframe);
    } catch (error) {
      into.replaceChildren(bar, h('p', { class: 'trouble', role: 'alert' }, error.message));
    }
    document.title = `Tagtrail · ${shop.name ?? shop.shop}`;
  }

  close() {
    this.iframe?.remove();
    this.iframe = null;
    this.ready = false;
    this.showBar(false);
    this.dim(false);
    at('loading').hidden = true;
  }

  navigate(href) { this.say('navigate', { href }); }

  async mayLeave() {
    if (!this.bar) return true;
    if (!await askToLeave()) return false;
    this.say('discard');
    this.showBar(false);
    return true;
  }

  say(type, data = {}) {
    this.iframe?.contentWindow?.postMessage({ bridge: 'admin', type, ...data }, this.origin);
  }

  async heard(event) {
    if (!this.iframe || event.source !== this.iframe.contentWindow || event.origin !== this.origin) return;
    const { bridge, type, ...data } = event.data ?? {};
    if (bridge !== 'app' || !Object.hasOwn(answers, type)) return;
    try {
      const value = await answers[type](this, data);
      if (data.id) this.say('reply', { id: data.id, value });
    } catch (error) {
      if (data.id) this.say('reply', { id: data.id, error: error.message });
    }
  }

  showBar(shown, confirm = false, busy = false) {
    this.bar = shown ? { confirm } : null;
    const bar = at('savebar');
    bar.hidden = !shown;
    if (!shown) return;
    const discard = async () => {
      if (confirm && !await askToDiscard()) return;
      this.say('discard');
    };
    bar.replaceChildren(
      h('span', {}, icon('alert-triangle'), 'Unsaved changes'),
      h('button', { type: 'button', onclick: discard }, 'Discard'),
      h('button', { type: 'button', class: 'save', disabled: busy, onclick: () => this.say('save') }, busy ? 'Saving' : 'Save'),
    );
  }

  dim(on) { for (const id of ['dim-top', 'dim-side']) at(id).hidden = !on; }
}

// What the app's App Bridge may say, and what it is told in return.
const answers = {
  hello(frame) { frame.ready = true; },
  token: (frame) => simulator.sessionToken(frame.state.shop.shop, frame.state.staff),
  user({ state: { staff } }) {
    if (!staff) return {};
    const [firstName, ...rest] = staff.name.split(' ');
    return { id: Number(staff.id), name: staff.name, firstName, lastName: rest.join(' '), accountAccess: 'Full access' };
  },
  place: (frame, { place }) => frame.hears.moved(place),
  links: (frame, { links }) => frame.hears.linked(links),
  admin: async (frame, { path, blank }) => {
    if (blank || await frame.mayLeave()) frame.hears.opened(path ?? '/', blank);
  },
  toast(frame, { toast: id, message, duration, isError, action }) {
    toast(message, {
      id, duration, isError, action, onAction: () => frame.say('toast-action', { toast: id }), onDismiss: () => frame.say('toast-dismiss', { toast: id }),
    });
  },
  'toast-hide': (frame, { toast: id }) => hideToast(id),
  'save-bar': (frame, { shown, confirm, busy }) => frame.showBar(shown, confirm, busy),
  async leave() {
    const bar = at('savebar');
    bar.classList.remove('nudged');
    bar.classList.add('nudged');
    if (!await askToLeave()) throw new Error('The merchant stays on the page.');
  },
  loading(frame, { on }) { at('loading').hidden = !on; },
  dim: (frame, { on }) => frame.dim(on),
};
