// What tells how things stand: s-badge, s-banner, s-spinner and s-progress.
(() => {
  'use strict';
  const { Element, define, setText, setAttribute, watchSlot, svg } = globalThis.polarisStandIn;

  // A run in progress wears a dot before its words, as the admin's badges do.
  const dots = {
    incomplete: '<svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true"><rect x="6.5" y="6.5" width="7" height="7" rx="2" fill="none" stroke="currentColor" stroke-width="1.5"/></svg>',
    'in-progress': '<svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true"><rect x="6.5" y="6.5" width="7" height="7" rx="2" fill="none" stroke="currentColor" stroke-width="1.5"/><path d="M7.5 9.5l3 3M9.5 7.5l3 3" stroke="currentColor" stroke-width="1.25"/></svg>',
    'status-active': '<svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true"><rect x="6" y="6" width="8" height="8" rx="2.5" fill="currentColor"/></svg>',
  };

  class Badge extends Element {
    static props = { color: 'base', icon: '', size: 'base', tone: 'auto' };
    static template = '<span id="icon"></span><span id="words"><slot></slot></span>';
    static styles = `
      :host {
        display: inline-flex; align-items: center; vertical-align: middle; gap: 2px; min-block-size: 20px; padding: 2px 8px; border-radius: 8px; inline-size: fit-content; flex: none;
        background: rgba(0, 0, 0, .06); color: #616161; font: 550 12px/16px var(--font); white-space: nowrap; max-inline-size: 100%;
      }
      :host([size='large']), :host([size='large-100']) { min-block-size: 24px; font-size: 13px; padding-block: 4px; }
      :host([tone='info']) { background: #d5ebff; color: #003a5a; } :host([tone='success']) { background: #affebf; color: #014b40; }
      :host([tone='caution']) { background: #ffeb78; color: #4f4700; } :host([tone='warning']) { background: #ffd6a4; color: #5e4200; }
      :host([tone='critical']) { background: #fed1d7; color: #8e0b21; }
      :host([color='strong']) { background: #616161; color: #fff; }
      :host([color='strong'][tone='info']) { background: #0078a8; } :host([color='strong'][tone='success']) { background: #047b5d; }
      :host([color='strong'][tone='caution']) { background: #ffe600; color: #333; } :host([color='strong'][tone='warning']) { background: #ffb800; color: #251a00; }
      :host([color='strong'][tone='critical']) { background: #c70a24; }
      #icon { display: flex; margin-inline-start: -4px; } #icon:empty { display: none; }
      #words { overflow: hidden; text-overflow: ellipsis; }
    `;

    render() {
      const drawn = dots[this.icon] ?? svg(this.icon, 16);
      if (this.drawn !== drawn) this.part$('icon').innerHTML = drawn;
      this.drawn = drawn;
    }
  }

  const bannerIcons = {
    auto: 'info', info: 'info', success: 'check', warning: 'alert-triangle', critical: 'alert-diamond',
  };

  class Banner extends Element {
    static props = { tone: 'auto', heading: '', dismissible: false };
    static events = ['dismiss', 'afterhide'];
    static slots = ['', 'secondary-actions'];
    static get observedAttributes() { return [...super.observedAttributes, 'hidden']; }
    static template = `
      <div id="head"><span id="icon"></span><div id="heading" role="heading" aria-level="2"></div><div id="lead"></div>
        <button id="dismiss" type="button" aria-label="Dismiss">${svg('x')}</button></div>
      <div id="body"><slot></slot><div id="actions"><slot name="secondary-actions"></slot></div></div>
    `;
    static styles = `
      :host { display: block; border-radius: 12px; background: #fff; position: relative; color: var(--ink); font: 450 13px/20px var(--font);
        box-shadow: 0 1px 0 rgba(26, 26, 26, .07); --ground: #91d0ff; --text: #002133; }
      :host::after { content: ''; position: absolute; inset: 0; border-radius: inherit; pointer-events: none; box-shadow: inset 0 0 0 1px rgba(0, 0, 0, .09), inset 0 -1px 0 rgba(0, 0, 0, .1); }
      :host([tone='success']) { --ground: #047b5d; --text: #fff; } :host([tone='warning']) { --ground: #ffb800; --text: #251a00; }
      :host([tone='critical']) { --ground: #c70a24; --text: #fff; }
      #head { display: flex; align-items: center; gap: 4px; padding: 12px; background: var(--ground); color: var(--text); border-radius: 12px; }
      :host(:state(body)) #head { border-end-start-radius: 0; border-end-end-radius: 0; }
      #icon { display: flex; flex: none; } #heading { flex: 1; font-weight: 650; min-inline-size: 0; }
      #lead { flex: 1; } #lead, :host(:state(bare)) #heading { display: none; }
      #dismiss { display: none; padding: 0; border: 0; background: none; color: inherit; border-radius: 6px; cursor: pointer; margin-inline-start: auto; }
      :host([dismissible]) #dismiss { display: flex; } #dismiss:hover { background: rgba(0, 0, 0, .1); }
      #dismiss:focus-visible { outline: 2px solid var(--focus); outline-offset: 1px; }
      #body { display: none; padding: 12px 16px 16px; } :host(:state(body)) #body { display: block; }
      #actions { display: none; gap: 8px; flex-wrap: wrap; margin-block-start: 8px; } :host(:state(actions)) #actions { display: flex; }
      :host(:state(bare)) #head { padding: 10px 12px; }
      @media (max-width: 489.98px) { :host(:state(top)), :host(:state(top)) #head { border-radius: 0; } }
    `;

    setUp() {
      this.has = {};
      for (const slot of this.root.querySelectorAll('slot')) {
        watchSlot(slot, (full) => {
          this.has[slot.name] = full;
          this.state('actions', this.has['secondary-actions']);
          this.state('body', Boolean(this.has[''] || this.has['secondary-actions']));
        });
      }
      this.part$('dismiss').addEventListener('click', () => {
        this.emit('dismiss');
        this.hidden = true;
      });
    }

    render() {
      setText(this.part$('heading'), this.heading);
      this.state('bare', !this.heading);
      this.state('top', !this.parentElement?.closest('s-section, s-modal, s-box'));
      const drawn = svg(bannerIcons[this.tone] ?? 'info');
      if (this.drawn !== drawn) this.part$('icon').innerHTML = drawn;
      this.drawn = drawn;
      this.internals.role = this.tone === 'critical' || this.tone === 'warning' ? 'alert' : 'status';
      if (this.hidden && this.wasHidden === false) this.emit('afterhide');
      this.wasHidden = this.hidden;
    }
  }

  class Spinner extends Element {
    static props = { size: 'base', accessibilityLabel: '' };
    static slots = [];
    static template = '<svg viewBox="0 0 20 20" aria-hidden="true"><path d="M10 2.5a7.5 7.5 0 1 1-7.5 7.5" fill="none" stroke="currentColor" stroke-width="2.25" stroke-linecap="round"/></svg><span id="label" class="hush"></span>';
    static styles = `
      :host { display: inline-block; inline-size: 20px; block-size: 20px; color: #303030; vertical-align: middle; position: relative; }
      :host([size='large']) { inline-size: 32px; block-size: 32px; } :host([size='large-100']) { inline-size: 44px; block-size: 44px; }
      svg { display: block; inline-size: 100%; block-size: 100%; animation: turn .7s linear infinite; } @keyframes turn { to { transform: rotate(1turn); } }
    `;

    render() {
      this.internals.role = 'status';
      setText(this.part$('label'), this.accessibilityLabel);
    }
  }

  class Progress extends Element {
    static props = { accessibilityLabel: '', max: 1, tone: 'auto' };
    static slots = [];
    static get observedAttributes() { return [...super.observedAttributes, 'value']; }
    static template = '<div id="bar" role="progressbar" aria-valuemin="0"><div id="done"></div></div>';
    static styles = `
      :host { display: block; inline-size: 100%; --done: #303030; }
      :host([tone='success']) { --done: #047b5d; } :host([tone='critical']) { --done: #c70a24; }
      :host([tone='info']) { --done: #0091d4; } :host([tone='warning']), :host([tone='caution']) { --done: #ffb800; }
      #bar { block-size: 8px; border-radius: 4px; background: #e3e3e3; overflow: hidden; }
      #done { block-size: 100%; background: var(--done); transition: inline-size .3s; min-inline-size: 0; }
      :host(:state(unknown)) #done { inline-size: 30% !important; animation: pass 1.4s ease-in-out infinite; }
      @keyframes pass { from { transform: translateX(-100%); } to { transform: translateX(340%); } }
    `;

    get value() { return Number(this.getAttribute('value') ?? 0); }
    set value(value) {
      if (value === null || value === undefined) this.removeAttribute('value');
      else this.setAttribute('value', String(value));
    }

    render() {
      const bar = this.part$('bar');
      const known = this.hasAttribute('value');
      this.state('unknown', !known);
      const share = Math.max(0, Math.min(1, this.value / (this.max || 1)));
      this.part$('done').style.inlineSize = `${share * 100}%`;
      setAttribute(bar, 'aria-label', this.accessibilityLabel);
      setAttribute(bar, 'aria-valuemax', this.max);
      setAttribute(bar, 'aria-valuenow', known ? String(this.value) : null);
    }
  }

  define('s-badge', Badge);
  define('s-banner', Banner);
  define('s-spinner', Spinner);
  define('s-progress', Progress);
})();
