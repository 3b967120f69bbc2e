// What every stand-in element shares: properties that mirror attributes, one render, and the tokens of the look.
(() => {
  'use strict';

  const tokens = `
    :host {
      --font: 'Inter Variable', Inter, -apple-system, BlinkMacSystemFont, 'Segoe UI', sans-serif;
      --ink: #303030; --ink-subdued: #616161; --ink-disabled: #b5b5b5; --link: #005bd3; --focus: #005bd3;
      --line: #ebebeb; --line-strong: #e3e3e3; --field-line: #8a8a8a; --hover: #f7f7f7; --subdued: #f7f7f7;
      --ground: light-dark(rgb(241 241 241), rgb(15 15 15));
      --critical: #c70a24; --critical-ink: #8e0b21; --critical-ground: #fee8eb;
      --button-height: 28px; --field-height: 32px; --field-text: 13px;
      box-sizing: border-box;
    }
    @media (max-width: 489.98px) {
      :host { --button-height: 32px; --field-height: 36px; --field-text: 16px; }
    }
    *, *::before, *::after { box-sizing: border-box; }
    :host([hidden]) { display: none !important; }
    .hush {
      position: absolute; inline-size: 1px; block-size: 1px; margin: -1px; padding: 0; overflow: hidden;
      clip-path: inset(50%); white-space: nowrap; border: 0;
    }
    button, input, select, textarea { font: inherit; color: inherit; letter-spacing: inherit; }
    @media (prefers-reduced-motion: reduce) {
      *, *::before, *::after { animation-duration: 2s !important; transition: none !important; }
    }
  `;

  // The look has a dark side: each colour has one that takes its place where the page is dark, so that what stands on
  // what stays readable. Veils of black become veils of white; shadows stay shadows.
  const dark = {
    '#ffffff': '#1c1c1c', '#fff': '#1c1c1c', '#fdfdfd': '#222222', '#fafafa': '#262626', '#f7f7f7': '#252525',
    '#f3f3f3': '#2a2a2a', '#f2f2f2': '#2a2a2a', '#f1f1f1': '#2e2e2e', '#f0f0f0': '#2a2a2a', '#ebebeb': '#333333',
    '#e3e3e3': '#3d3d3d', '#d4d4d4': '#4a4a4a', '#ccc': '#555555', '#b5b5b5': '#6b6b6b', '#8a8a8a': '#7a7a7a',
    '#616161': '#b0b0b0', '#4a4a4a': '#cccccc', '#303030': '#e3e3e3', '#1a1a1a': '#ffffff', '#000': '#ffffff',
    '#005bd3': '#7ab3ff', '#004299': '#a8ccff', '#c70a24': '#ff8793', '#a30a24': '#ffa3ac', '#8e0b21': '#ffb3bd',
    '#fee8eb': '#3d1118', '#fed1d7': '#571120', '#affebf': '#0e3d2c', '#014b40': '#8ee7b1', '#047b5d': '#5fd3a0',
    '#ffeb78': '#3f3700', '#4f4700': '#f5dd6b', '#ffd6a4': '#4a3000', '#5e4200': '#ffcf8f', '#d5ebff': '#0c2f4d',
    '#003a5a': '#a5d3ff', '#0078a8': '#6cc5ee',
  };
  const bothSides = (css) => css
    .replace(/#[0-9a-f]{3,6}\b/g, (light) => (dark[light] ? `light-dark(${light}, ${dark[light]})` : light))
    .replace(/rgba\(0, 0, 0, (\.[01]\d?)\)/g, (light, veil) => `light-dark(${light}, rgba(255, 255, 255, ${veil}))`)
    .replace(/rgba\(255, 255, 255, \.6\)/g, (light) => `light-dark(${light}, rgba(0, 0, 0, .6))`);

  const sheet = (css) => {
    const made = new CSSStyleSheet();
    made.replaceSync(bothSides(css));
    return made;
  };
  const shared = sheet(tokens);
  const sheets = new Map();
  const sheetOf = (css) => {
    if (!sheets.has(css)) sheets.set(css, sheet(css));
    return sheets.get(css);
  };

  // A property's type is the type of its default; null stands for text that may be missing.
  const accessor = (name, fallback) => {
    const attribute = name.toLowerCase();
    if (typeof fallback === 'boolean') {
      return {
        get() { return this.hasAttribute(attribute) && this.getAttribute(attribute) !== 'false'; },
        set(value) { this.toggleAttribute(attribute, Boolean(value)); },
      };
    }
    return {
      get() {
        const raw = this.getAttribute(attribute);
        if (raw === null || raw === '') return fallback ?? '';
        if (typeof fallback !== 'number') return raw;
        return Number.isNaN(Number(raw)) ? fallback : Number(raw);
      },
      set(value) {
        if (value === null || value === undefined || value === false) this.removeAttribute(attribute);
        else if (this.getAttribute(attribute) !== String(value)) this.setAttribute(attribute, String(value));
      },
    };
  };

  const handler = (event) => {
    const held = new WeakMap();
    return {
      get() { return held.get(this) ?? null; },
      set(callback) {
        const before = held.get(this);
        if (before) this.removeEventListener(event, before);
        held.delete(this);
        if (typeof callback === 'function') {
          held.set(this, callback);
          this.addEventListener(event, callback);
        }
      },
    };
  };

  class Element extends HTMLElement {
    static props = {};
    static events = [];
    static slots = [''];
    static styles = ':host { display: block; }';
    static template = '<slot></slot>';
    static focusable = false;

    static get observedAttributes() {
      return Object.keys(this.props).map((name) => name.toLowerCase());
    }

    constructor() {
      super();
      const kind = this.constructor;
      this.root = this.attachShadow({ mode: 'open', delegatesFocus: kind.focusable });
      this.root.adoptedStyleSheets = [shared, sheetOf(kind.styles)];
      this.root.innerHTML = kind.template;
      this.internals = this.attachInternals();
      this.due = false;
      this.setUp();
    }

    // Listeners on the element's own shadow; runs once, before any attribute is known.
    setUp() {}

    // Brings the shadow in line with the properties; runs as often as they change.
    render() {}

    connectedCallback() {
      for (const name of Object.keys(this.constructor.props)) this.adopt(name);
      this.render();
    }

    attributeChangedCallback(name, before, now) {
      if (before !== now) this.renderSoon();
    }

    renderSoon() {
      if (this.due || !this.isConnected) return;
      this.due = true;
      queueMicrotask(() => {
        this.due = false;
        if (this.isConnected) this.render();
      });
    }

    // A property set before the element was defined hides the accessor: set it again, properly.
    adopt(name) {
      if (!Object.hasOwn(this, name)) return;
      const value = this[name];
      delete this[name];
      this[name] = value;
    }

    part$(id) { return this.root.getElementById(id); }

    emit(type, options = {}) {
      if (!this.constructor.events.includes(type)) throw new Error(`${this.localName} has no event ${type}`);
      return this.dispatchEvent(new Event(type, { bubbles: false, cancelable: false, ...options }));
    }

    // Custom states style an element from outside without touching the attributes a framework owns.
    state(name, on) {
      if (on) this.internals.states.add(name);
      else this.internals.states.delete(name);
    }
  }

  const define = (tag, kind) => {
    if (customElements.get(tag)) return;
    for (const [name, fallback] of Object.entries(kind.props)) {
      if (name in kind.prototype && Object.getOwnPropertyDescriptor(kind.prototype, name)) continue;
      Object.defineProperty(kind.prototype, name, { configurable: true, enumerable: true, ...accessor(name, fallback) });
    }
    for (const event of kind.events) {
      if (`on${event}` in HTMLElement.prototype) continue;
      Object.defineProperty(kind.prototype, `on${event}`, { configurable: true, enumerable: true, ...handler(event) });
    }
    customElements.define(tag, kind);
  };

  const setText = (node, text) => {
    if (node.textContent !== text) node.textContent = text;
  };

  const setAttribute = (node, name, value) => {
    if (value === null || value === undefined || value === '' || value === false) node.removeAttribute(name);
    else node.setAttribute(name, value === true ? '' : String(value));
  };

  // Puts an element into the shadow once its slot has something to show, so that empty slots take no room.
  const watchSlot = (slot, tell) => {
    const look = () => tell(slot.assignedNodes({ flatten: true }).some(
      (node) => node.nodeType === Node.ELEMENT_NODE || node.textContent.trim() !== '',
    ));
    slot.addEventListener('slotchange', look);
    look();
  };

  let count = 0;
  const unique = (word) => `${word}-${++count}`;

  globalThis.polarisStandIn = { Element, define, setText, setAttribute, watchSlot, unique, sheetOf, bothSides };
})();
