// The frame of a page: s-page, s-section and s-empty-state.
(() => {
  'use strict';
  const { Element, define, setText, setAttribute, watchSlot, svg } = globalThis.polarisStandIn;

  class Page extends Element {
    static props = { inlineSize: 'base', heading: '' };
    static slots = ['', 'aside', 'primary-action', 'secondary-actions', 'breadcrumb-actions', 'supplemental-start', 'accessory'];
    static template = `
      <header id="header">
        <div id="back"><slot name="breadcrumb-actions"></slot></div>
        <div id="title"><h1 id="heading"></h1><slot name="accessory"></slot></div>
        <div id="actions">
          <button id="more" type="button" aria-label="More actions" aria-haspopup="true" aria-expanded="false">${svg('menu-horizontal')}</button>
          <div id="secondary"><slot name="secondary-actions"></slot></div>
          <slot name="primary-action"></slot>
        </div>
      </header>
      <div id="before"><slot name="supplemental-start"></slot></div>
      <div id="body">
        <div id="main"><slot></slot></div>
        <div id="aside"><slot name="aside"></slot></div>
      </div>
    `;
    static styles = `
      :host {
        display: block; padding: 24px; color: var(--ink); background: var(--ground);
        font: 450 13px/20px var(--font); -webkit-font-smoothing: antialiased;
      }
      header, #body, #before { max-inline-size: 950px; margin-inline: auto; }
      :host([inlinesize='small']) :is(header, #body, #before) { max-inline-size: 614px; }
      :host([inlinesize='large']) :is(header, #body, #before) { max-inline-size: none; }
      header { display: flex; align-items: flex-start; gap: 4px; min-block-size: 28px; margin-block-end: 24px; }
      :host(:state(bare)) header { display: none; } :host(:state(before)) header { margin-block-end: 18px; }
      #back { flex: none; } #back:not(.full), #before:not(.full), #aside:not(.full) { display: none; }
      #before { margin-block-end: 24px; }
      #title { display: flex; flex-wrap: wrap; align-items: center; gap: 0 8px; flex: 1; min-inline-size: 0; min-block-size: 28px; }
      h1 { margin: 0; font-size: 20px; line-height: 28px; font-weight: 650; letter-spacing: -.2px; overflow-wrap: anywhere; }
      #actions { display: flex; align-items: center; gap: 8px; flex: none; margin-inline-start: 16px; }
      #secondary { display: flex; gap: 8px; }
      #more { display: none; }
      #main, #aside { display: flex; flex-direction: column; gap: 16px; min-inline-size: 0; }
      :host(:state(aside)) #body { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 1fr); gap: 16px; align-items: start; }
      @media (max-width: 767.98px) { :host(:state(aside)) #body { grid-template-columns: minmax(0, 1fr); } }
      @media (max-width: 489.98px) {
        :host { padding: 0 0 32px; }
        header { flex-wrap: wrap; padding: 16px 16px 0; gap: 4px 0; margin-block-end: 16px; position: relative; }
        #title { order: 3; flex-basis: 100%; }
        #back { margin-inline-end: auto; margin-block-start: 2px; }
        #actions { margin-inline-start: auto; min-block-size: 32px; }
        :host(:state(plain)) #actions { display: none; }
        :host(:state(secondary)) #more {
          display: grid; place-items: center; inline-size: 32px; block-size: 32px; padding: 0; border: 0; border-radius: 8px;
          background: #e3e3e3; color: #4a4a4a; cursor: pointer;
        }
        #more:focus-visible { outline: 2px solid var(--focus); outline-offset: 1px; }
        #secondary {
          display: none; position: absolute; z-index: 30; inset-block-start: 52px; inset-inline-end: 16px; flex-direction: column;
          align-items: stretch; gap: 4px; padding: 8px; min-inline-size: 180px; border-radius: 12px; background: #fff;
          box-shadow: 0 8px 20px -4px rgba(26, 26, 26, .28), inset 0 0 0 1px rgba(0, 0, 0, .08);
        }
        #secondary.open { display: flex; }
        #before { padding-inline: 16px; margin-block-end: 16px; }
      }
    `;

    setUp() {
      const more = this.part$('more');
      const secondary = this.part$('secondary');
      const open = (on) => {
        secondary.classList.toggle('open', on);
        more.setAttribute('aria-expanded', String(on));
      };
      more.addEventListener('click', () => open(!secondary.classList.contains('open')));
      secondary.addEventListener('click', () => open(false));
      this.root.addEventListener('keydown', (event) => {
        if (event.key !== 'Escape' || !secondary.classList.contains('open')) return;
        open(false);
        more.focus();
      });
      this.away = (event) => {
        const path = event.composedPath();
        if (!path.includes(secondary) && !path.includes(more)) open(false);
      };
      this.has = {};
      for (const slot of this.root.querySelectorAll('slot[name]')) {
        watchSlot(slot, (full) => {
          this.has[slot.name] = full;
          this.arrange();
        });
      }
    }

    connectedCallback() {
      super.connectedCallback();
      document.addEventListener('pointerdown', this.away);
    }

    disconnectedCallback() { document.removeEventListener('pointerdown', this.away); }

    arrange() {
      this.part$('back').classList.toggle('full', Boolean(this.has['breadcrumb-actions']));
      this.part$('before').classList.toggle('full', Boolean(this.has['supplemental-start']));
      this.part$('aside').classList.toggle('full', Boolean(this.has.aside));
      this.state('aside', this.has.aside);
      this.state('before', this.has['supplemental-start']);
      this.state('secondary', this.has['secondary-actions']);
      this.state('plain', !this.has['secondary-actions'] && !this.has['primary-action']);
      this.state('bare', !this.heading && !Object.entries(this.has).some(([name, full]) => full && /action|accessory/.test(name)));
    }

    render() {
      setText(this.part$('heading'), this.heading);
      setAttribute(this.part$('heading'), 'hidden', !this.heading);
      this.arrange();
    }
  }

  class Section extends Element {
    static props = { accessibilityLabel: '', heading: '', subheading: '', padding: 'base' };
    static slots = ['', 'primary-action', 'secondary-actions', 'graphic', 'accessory', 'supplemental'];
    static template = `
      <section id="section">
        <header id="header">
          <span id="graphic"><slot name="graphic"></slot></span>
          <div id="titles">
            <div id="line"><div id="heading" role="heading"></div><slot name="accessory"></slot></div>
            <div id="subheading"></div>
          </div>
          <slot name="supplemental"></slot>
          <div id="actions"><slot name="secondary-actions"></slot><slot name="primary-action"></slot></div>
        </header>
        <div id="content"><slot></slot></div>
      </section>
    `;
    static styles = `
      :host { display: block; font: 450 13px/20px var(--font); color: var(--ink); }
      :host(:state(card)) {
        border-radius: 12px; background: #fff; position: relative;
        box-shadow: 0 1px 0 rgba(26, 26, 26, .07);
      }
      :host(:state(card))::after {
        content: ''; position: absolute; inset: 0; border-radius: inherit; pointer-events: none; z-index: 3;
        box-shadow: inset 0 0 0 1px rgba(0, 0, 0, .09), inset 0 -1px 0 rgba(0, 0, 0, .1), inset 0 1px 0 rgba(0, 0, 0, .03);
      }
      section { display: flex; flex-direction: column; gap: 12px; min-inline-size: 0; }
      :host(:state(card)) section { padding: 16px; }
      :host(:state(card):state(flush)) section { padding: 0; border-radius: inherit; overflow: clip; }
      :host(:state(flush)) header { padding: 16px 16px 0; }
      header { display: flex; align-items: flex-start; gap: 8px; }
      :host(:state(untitled)) header { display: none; }
      #titles { flex: 1; min-inline-size: 0; }
      #line { display: flex; align-items: center; gap: 8px; flex-wrap: wrap; }
      #heading { font-weight: 650; font-size: 13px; line-height: 20px; }
      #subheading { color: var(--ink-subdued); font-size: 12px; line-height: 16px; } #subheading:empty { display: none; }
      #graphic { display: none; } :host(:state(graphic)) #graphic { display: flex; }
      #actions { display: flex; gap: 8px; align-items: center; margin-block: -4px; }
      #content { display: flex; flex-direction: column; gap: 12px; min-inline-size: 0; }
      #content > ::slotted(:is(s-button, s-press-button, s-button-group, s-badge, s-chip, s-clickable-chip, s-link, s-icon, s-spinner, s-thumbnail, s-avatar):not([inlinesize='fill'])) { align-self: flex-start; }
      :host(:state(flush)) #content { gap: 0; }
      :host(:state(item)) section { gap: 0; } :host(:state(item)) #content { gap: 0; }
      :host(:state(item)) header { padding: 6px 8px; color: var(--ink-subdued); }
      @media (max-width: 489.98px) {
        :host(:state(card)) { border-radius: 0; }
      }
    `;

    setUp() {
      watchSlot(this.root.querySelector('slot[name="graphic"]'), (full) => this.state('graphic', full));
    }

    connectedCallback() {
      const outer = this.parentElement?.closest('s-section, s-modal, s-menu, s-popover, s-banner');
      this.depth = 2;
      for (let up = this.parentElement; up; up = up.parentElement) if (up.localName === 's-section') this.depth++;
      this.state('card', !outer);
      this.state('item', outer?.localName === 's-menu');
      super.connectedCallback();
    }

    render() {
      setText(this.part$('heading'), this.heading);
      setText(this.part$('subheading'), this.subheading);
      setAttribute(this.part$('heading'), 'aria-level', Math.min(this.depth ?? 2, 6));
      setAttribute(this.part$('section'), 'aria-label', this.accessibilityLabel || this.heading);
      this.state('flush', this.padding === 'none');
      this.state('untitled', !this.heading);
    }
  }

  class EmptyState extends Element {
    static props = { heading: '' };
    static slots = ['primary-action', 'secondary-actions', 'graphic', 'subheading'];
    static template = `
      <slot name="graphic"></slot>
      <div id="heading" role="heading" aria-level="3"></div>
      <div id="subheading"><slot name="subheading"></slot></div>
      <div id="actions"><slot name="secondary-actions"></slot><slot name="primary-action"></slot></div>
    `;
    static styles = `
      :host { display: flex; flex-direction: column; align-items: center; gap: 8px; padding: 24px 20px 60px; text-align: center; }
      #heading { font-weight: 650; font-size: 14px; line-height: 20px; } #heading:empty { display: none; }
      #subheading { max-inline-size: 400px; font-size: 12px; line-height: 16px; }
      #actions { display: flex; flex-wrap: wrap; justify-content: center; gap: 8px; margin-block-start: 8px; }
    `;

    render() { setText(this.part$('heading'), this.heading); }
  }

  define('s-page', Page);
  define('s-section', Section);
  define('s-empty-state', EmptyState);
})();
