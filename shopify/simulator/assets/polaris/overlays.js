// What opens above the page: s-popover, s-menu, s-tooltip and s-modal.
(() => {
  'use strict';
  const { Element, define, setText, setAttribute, watchSlot, svg, Rules } = globalThis.polarisStandIn;

  const gap = 4;
  const edge = 8;

  // Puts the panel below its source, or above where there is more room, and keeps it on the screen.
  const place = (panel, source, centred = false) => {
    const from = source.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = panel;
    const below = innerHeight - from.bottom - gap - edge;
    const above = from.top - gap - edge;
    const top = below >= height || below >= above ? from.bottom + gap : from.top - gap - height;
    const start = centred ? from.left + from.width / 2 - width / 2 : from.left;
    panel.style.left = `${Math.max(edge, Math.min(start, innerWidth - width - edge))}px`;
    panel.style.top = `${Math.max(edge, Math.min(top, innerHeight - height - edge))}px`;
    panel.style.maxHeight = `${innerHeight - 2 * edge}px`;
  };

  const panelLook = `
    :host { display: contents; }
    #panel {
      position: fixed; inset: auto; margin: 0; padding: 0; border: 0; overflow: auto; color: var(--ink); background: #fff; font: 450 13px/20px var(--font);
      border-radius: 12px; box-shadow: 0 8px 16px -4px rgba(26, 26, 26, .22), 0 0 0 1px rgba(26, 26, 26, .08), inset 0 -1px 0 rgba(0, 0, 0, .12); max-inline-size: min(420px, calc(100vw - 16px));
    }
  `;

  // Opening and closing with commands, methods and light dismissal; focus goes back to where it came from.
  class Overlay extends Element {
    static events = ['hide', 'show', 'afterhide', 'aftershow', 'toggle', 'aftertoggle'];

    setUp() {
      this.panel = this.part$('panel');
      this.panel.addEventListener('beforetoggle', () => { this.hadFocus = this.contains(document.activeElement); });
      this.panel.addEventListener('toggle', (event) => {
        event.stopPropagation();
        if (event.newState === 'closed') this.closed();
      });
      // A press on the source closes the panel before its click arrives: remember that, or the click would open it again.
      this.notePress = () => { this.wasOpen = this.open; };
      this.follow = () => { if (this.open && this.source) place(this.panel, this.source); };
    }

    disconnectedCallback() { this.vanish(); }

    get open() { return this.isConnected && this.panel.matches(':popover-open'); }

    tell(type) { if (this.constructor.events.includes(type)) this.emit(type); }

    obey(command, source) {
      if (command === '--show') this.appear(source);
      else if (command === '--hide') this.vanish();
      else if (this.open || this.wasOpen) this.vanish();
      else this.appear(source);
      this.wasOpen = false;
    }

    appear(source) {
      if (this.open || !this.isConnected) return;
      this.source = source ?? this.source ?? this.previousElementSibling ?? this.parentElement;
      this.tell('show');
      this.panel.showPopover();
      place(this.panel, this.source);
      this.source?.control?.setAttribute('aria-expanded', 'true');
      this.source?.addEventListener('pointerdown', this.notePress);
      addEventListener('scroll', this.follow, { capture: true, passive: true });
      addEventListener('resize', this.follow);
      this.opened?.();
      this.tell('toggle');
      this.tell('aftershow');
      this.tell('aftertoggle');
    }

    vanish() { if (this.open) this.panel.hidePopover(); }

    closed() {
      this.source?.control?.setAttribute('aria-expanded', 'false');
      if (this.hadFocus) this.source?.focus();
      removeEventListener('scroll', this.follow, { capture: true });
      removeEventListener('resize', this.follow);
      this.tell('hide');
      this.tell('toggle');
      this.tell('afterhide');
      this.tell('aftertoggle');
    }
  }

  class Popover extends Overlay {
    static props = {
      blockSize: 'auto', inlineSize: 'auto', maxBlockSize: 'none', maxInlineSize: 'none', minBlockSize: '0', minInlineSize: '0',
    };
    static template = '<style id="own"></style><div id="panel" popover="auto"><slot></slot></div>';
    static styles = panelLook;

    render() {
      const rules = new Rules();
      if (this.blockSize !== 'auto') rules.add('block-size', this.blockSize);
      if (this.inlineSize !== 'auto') rules.add('inline-size', this.inlineSize);
      if (this.maxBlockSize !== 'none') rules.add('max-block-size', this.maxBlockSize);
      if (this.maxInlineSize !== 'none') rules.add('max-inline-size', this.maxInlineSize);
      if (this.minBlockSize !== '0') rules.add('min-block-size', this.minBlockSize);
      if (this.minInlineSize !== '0') rules.add('min-inline-size', this.minInlineSize);
      this.part$('own').textContent = rules.toString().replaceAll(':host', '#panel');
    }

    interestShown(source) { this.appear(source); }
    interestLost() { this.vanish(); }
  }

  class Menu extends Overlay {
    static props = { accessibilityLabel: '' };
    static events = [];
    static template = '<div id="panel" popover="auto" role="menu"><slot></slot></div>';
    static styles = `${panelLook} #panel { padding: 8px; min-inline-size: 160px; }
      ::slotted(s-section) { margin-block: 4px; } ::slotted(s-section + s-section) { border-block-start: 1px solid var(--line); padding-block-start: 4px; }`;

    setUp() {
      super.setUp();
      this.addEventListener('click', (event) => {
        const item = event.target.closest?.('s-button');
        if (item && !item.disabled && !item.loading) this.vanish();
      });
      this.addEventListener('keydown', (event) => this.key(event));
    }

    get items() { return [...this.querySelectorAll('s-button')].filter((item) => !item.disabled && !item.hidden); }

    opened() { this.items[0]?.focus(); }

    key(event) {
      const { items } = this;
      const at = items.indexOf(document.activeElement);
      const to = {
        ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1,
      }[event.key];
      if (to !== undefined && items.length) {
        event.preventDefault();
        items[(to + items.length) % items.length].focus();
      } else if (event.key === 'Tab') this.vanish();
      else if (event.key.length === 1 && /\S/.test(event.key)) {
        items.find((item) => item.textContent.trim().toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
      }
    }

    render() { setAttribute(this.panel, 'aria-label', this.accessibilityLabel || 'Actions'); }
  }

  class Tooltip extends Element {
    static template = '<div id="panel" popover="manual" role="tooltip"><slot></slot></div>';
    static styles = `
      :host { display: contents; }
      #panel { position: fixed; inset: auto; margin: 0; border: 0; padding: 4px 8px; border-radius: 8px; background: #fff; color: var(--ink); font: 450 12px/16px var(--font); max-inline-size: 240px; pointer-events: none;
        box-shadow: 0 4px 12px -2px rgba(26, 26, 26, .26), 0 0 0 1px rgba(26, 26, 26, .08); }
    `;

    interestShown(source) {
      const panel = this.part$('panel');
      if (panel.matches(':popover-open') || !this.isConnected) return;
      panel.showPopover();
      place(panel, source, true);
      setAttribute(source.control ?? source, 'aria-description', this.textContent.trim());
    }

    interestLost() {
      const panel = this.part$('panel');
      if (panel.matches(':popover-open')) panel.hidePopover();
    }
  }

  class Modal extends Element {
    static props = { size: 'base', heading: '', accessibilityLabel: '', padding: 'base' };
    static events = ['hide', 'show', 'afterhide', 'aftershow'];
    static slots = ['', 'primary-action', 'secondary-actions'];
    static template = `
      <dialog id="dialog" aria-labelledby="heading">
        <header><h2 id="heading"></h2><button id="close" type="button" aria-label="Close">${svg('x')}</button></header>
        <div id="body" tabindex="-1"><slot></slot></div>
        <footer id="foot"><slot name="secondary-actions"></slot><slot name="primary-action"></slot></footer>
      </dialog>
    `;
    static styles = `
      :host { display: contents; }
      dialog { inline-size: min(620px, calc(100vw - 32px)); max-block-size: calc(100dvb - 64px); padding: 0; border: 0; border-radius: 16px; overflow: hidden; color: var(--ink); background: #fff; font: 450 13px/20px var(--font); box-shadow: 0 20px 20px -8px rgba(26, 26, 26, .28); }
      dialog { outline: none; } dialog[open] { display: flex; flex-direction: column; } dialog::backdrop { background: rgba(0, 0, 0, .71); }
      :host([size='small']) dialog, :host([size='small-100']) dialog { inline-size: min(380px, calc(100vw - 32px)); }
      :host([size='large']) dialog, :host([size='large-100']) dialog { inline-size: min(980px, calc(100vw - 32px)); }
      header { display: flex; align-items: center; gap: 8px; padding: 16px; min-block-size: 53px; background: #f3f3f3; border-block-end: 1px solid #e3e3e3; }
      h2 { flex: 1; margin: 0; font-size: 14px; line-height: 20px; font-weight: 650; }
      #close { display: grid; place-items: center; inline-size: 28px; block-size: 28px; margin: -4px -4px -4px 0; padding: 0; border: 0; border-radius: 8px; background: none; color: #616161; cursor: pointer; }
      #close:hover { background: rgba(0, 0, 0, .05); } #close:focus-visible { outline: 2px solid var(--focus); outline-offset: 1px; }
      #body { flex: 1; padding: 16px; overflow: auto; outline: none; } :host([padding='none']) #body { padding: 0; }
      footer { display: none; justify-content: flex-end; gap: 8px; padding: 16px; border-block-start: 1px solid #e3e3e3; } :host(:state(foot)) footer { display: flex; }
      @media (max-width: 489.98px) { dialog { inline-size: 100vw !important; max-inline-size: 100vw; margin-block-end: 0; border-end-start-radius: 0; border-end-end-radius: 0; } }
      @media (prefers-reduced-motion: no-preference) { dialog[open] { animation: rise .16s ease-out; } @keyframes rise { from { opacity: 0; transform: translateY(8px); } } }
    `;

    setUp() {
      this.dialog = this.part$('dialog');
      this.part$('close').addEventListener('click', () => this.hideOverlay());
      this.dialog.addEventListener('cancel', (event) => {
        event.preventDefault();
        this.hideOverlay();
      });
      this.dialog.addEventListener('pointerdown', (event) => {
        this.pressed = event.target === this.dialog;
      });
      this.dialog.addEventListener('click', (event) => {
        const box = this.dialog.getBoundingClientRect();
        const outside = event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
        if (event.target === this.dialog && this.pressed && outside) this.hideOverlay();
      });
      this.dialog.addEventListener('close', (event) => event.stopPropagation());
      this.has = {};
      for (const slot of this.root.querySelectorAll('slot[name]')) {
        watchSlot(slot, (full) => {
          this.has[slot.name] = full;
          this.state('foot', Object.values(this.has).some(Boolean));
        });
      }
      // Methods as own functions: the page may hand them on without their element.
      for (const name of ['showOverlay', 'hideOverlay', 'toggleOverlay']) this[name] = Modal.prototype[name].bind(this);
    }

    disconnectedCallback() { if (this.dialog.open) this.dialog.close(); }

    obey(command, source) {
      if (command === '--hide' || (command !== '--show' && this.dialog.open)) this.hideOverlay();
      else this.showOverlay(source);
    }

    showOverlay() {
      if (this.dialog.open || !this.isConnected) return;
      this.emit('show');
      this.dialog.showModal();
      // The content takes the focus, not the first button: nothing is pressed by a stray Enter.
      const body = this.part$('body');
      body.tabIndex = body.scrollHeight > body.clientHeight ? 0 : -1; // what scrolls must be reached by the keys
      body.focus();
      this.emit('aftershow');
    }

    hideOverlay() {
      if (!this.dialog.open) return;
      this.emit('hide');
      this.dialog.close();
      this.emit('afterhide');
    }

    toggleOverlay() {
      if (this.dialog.open) this.hideOverlay();
      else this.showOverlay();
    }

    render() {
      setText(this.part$('heading'), this.heading);
      if (this.accessibilityLabel) {
        this.dialog.setAttribute('aria-label', this.accessibilityLabel);
        this.dialog.removeAttribute('aria-labelledby');
      }
    }
  }

  Object.assign(globalThis.polarisStandIn, { place });
  define('s-popover', Popover);
  define('s-menu', Menu);
  define('s-tooltip', Tooltip);
  define('s-modal', Modal);
})();
