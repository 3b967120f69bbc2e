// Choosing: s-checkbox, s-switch, s-choice-list and s-choice.
(() => {
  'use strict';
  const { Element, define, setText, setAttribute, watchSlot, svg, Field, fieldProps, unique } = globalThis.polarisStandIn;

  const mark = {
    tick: '<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M4 8.3 6.75 11 12 5.25" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"/></svg>',
    dash: '<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M4.5 8h7" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round"/></svg>',
  };

  const toggleLook = `
    :host { display: block; font: 450 13px/20px var(--font); color: var(--ink); }
    #row { display: flex; align-items: flex-start; gap: 8px; padding-block: 4px; cursor: pointer; inline-size: fit-content; max-inline-size: 100%; }
    :host([disabled]) #row, :host(:state(off)) #row { color: var(--ink-disabled); cursor: default; }
    #pen { position: relative; flex: none; inline-size: 16px; block-size: 16px; margin: 2px 1px; }
    #control { appearance: none; position: absolute; inset: 0; inline-size: 16px; block-size: 16px; margin: 0; border-radius: 4px; background: #fdfdfd; cursor: inherit; outline: none; box-shadow: inset 0 0 0 1px #8a8a8a; }
    #control:hover { background: #fafafa; box-shadow: inset 0 0 0 1px #616161; }
    #control:focus-visible { outline: 2px solid var(--focus); outline-offset: 1px; }
    #control:is(:checked, :indeterminate:not([type='radio'])) { background: #303030; box-shadow: none; }
    #control:disabled { background: #f0f0f0; box-shadow: none; } #control:disabled:checked { background: #ccc; }
    #mark { color: #fff; position: absolute; inset: 0; pointer-events: none; display: grid; visibility: hidden; }
    #control:is(:checked, :indeterminate:not([type='radio'])) + #mark { visibility: visible; }
    #control[type='radio'] { border-radius: 50%; } #control[type='radio'] + #mark svg { display: none; }
    #control[type='radio']:checked { background: #fff; box-shadow: inset 0 0 0 4.5px #303030; }
    #control[type='radio']:disabled:checked { box-shadow: inset 0 0 0 5px #ccc; }
    :host(:state(invalid)) #control:not(:checked) { background: var(--critical-ground); box-shadow: inset 0 0 0 1px var(--critical-ink); }
    #error { display: none; gap: 4px; color: var(--critical-ink); padding-inline-start: 24px; } :host(:state(invalid)) #error { display: flex; } #error svg { display: block; flex: none; }
    #details { color: var(--ink-subdued); padding-inline-start: 26px; } #details:not(.full) { display: none; }
    @media (max-width: 489.98px) { #pen, #control, #mark { inline-size: 18px; block-size: 18px; } #pen { margin: 1px; } #mark svg { inline-size: 18px; block-size: 18px; } #row { padding-block: 6px; } }
  `;
  const under = `
    <div id="error" role="alert">${svg('alert-circle')}<span><span id="error-text"></span><slot name="error"></slot></span></div>
    <div id="details"><span id="details-text"></span><slot name="details"></slot></div>
  `;

  // A box that is on or off. The attribute is only where it starts.
  class Toggle extends Field {
    static events = ['change', 'input', 'blur'];
    static get observedAttributes() { return [...super.observedAttributes, 'checked', 'value']; }

    setUp() {
      super.setUp();
      this.control.addEventListener('input', () => {
        this.held = this.control.checked;
        this.unclear = false;
        this.tell();
      });
      this.control.addEventListener('change', () => {
        this.held = this.control.checked;
        this.tell();
        this.emit('change', { bubbles: true });
      });
    }

    connectedCallback() {
      for (const name of ['checked', 'value', 'indeterminate']) this.adopt(name);
      super.connectedCallback();
    }

    get checked() { return this.held ?? this.hasAttribute('checked'); }
    set checked(on) { this.held = Boolean(on); this.control.checked = this.held; this.tell(); }
    get defaultChecked() { return this.hasAttribute('checked'); }
    set defaultChecked(on) { this.toggleAttribute('checked', Boolean(on)); }
    get value() { return this.getAttribute('value') ?? 'on'; }
    set value(value) { setAttribute(this, 'value', value); }

    formResetCallback() { this.held = undefined; this.render(); }

    tell() {
      this.internals.setFormValue(this.checked ? this.value : null);
      this.validate();
    }

    validate() {
      const missing = this.required && !this.checked;
      if (missing) this.internals.setValidity({ valueMissing: true }, 'Tick this box.', this.control);
      else this.internals.setValidity({});
    }

    click() { this.control.click(); }

    render() {
      super.render();
      this.control.checked = this.checked;
      setAttribute(this.control, 'aria-label', this.accessibilityLabel || (this.labelAccessibilityVisibility === 'exclusive' ? this.label : null));
      this.tell();
    }
  }

  class Checkbox extends Toggle {
    static props = { ...fieldProps, accessibilityLabel: '' };
    static slots = ['error', 'details'];
    static get observedAttributes() { return [...super.observedAttributes, 'indeterminate']; }
    static template = `<label id="row"><span id="pen"><input id="control" type="checkbox"><span id="mark"></span></span><span id="label"></span></label>${under}`;
    static styles = toggleLook;

    get indeterminate() { return this.unclear ?? this.hasAttribute('indeterminate'); }
    set indeterminate(on) { this.unclear = Boolean(on); this.renderSoon(); }
    get defaultIndeterminate() { return this.hasAttribute('indeterminate'); }
    set defaultIndeterminate(on) { this.toggleAttribute('indeterminate', Boolean(on)); }

    render() {
      super.render();
      this.control.indeterminate = this.indeterminate;
      this.part$('mark').innerHTML = this.indeterminate ? mark.dash : mark.tick;
    }
  }

  class Switch extends Toggle {
    static props = { ...fieldProps, accessibilityLabel: '' };
    static slots = [];
    static template = `<label id="row"><span id="pen"><input id="control" type="checkbox" role="switch"></span><span id="label"></span></label>${under.replace(/<slot[^>]*><\/slot>/g, '')}`;
    static styles = `${toggleLook}
      #pen, #control { inline-size: 32px !important; block-size: 20px !important; } #pen { margin: 0 !important; }
      #control { border-radius: 10px; background: #8a8a8a; box-shadow: none; transition: background .12s; }
      #control:hover { background: #616161; box-shadow: none; } #control:checked { background: #303030; }
      #control::after { content: ''; position: absolute; inset-block-start: 3px; inset-inline-start: 3px; inline-size: 14px; block-size: 14px; border-radius: 50%; background: #fff; transition: transform .12s; }
      #control:checked::after { transform: translateX(12px); } #details { padding-inline-start: 40px; }
      #control:disabled { background: #e3e3e3; } #control:disabled:checked { background: #b5b5b5; }
    `;
  }

  class Choice extends Element {
    static props = { disabled: false, accessibilityLabel: '' };
    static slots = ['', 'details', 'secondary-content'];
    static focusable = true;
    static get observedAttributes() { return [...super.observedAttributes, 'selected', 'value']; }
    static template = `
      <label id="row"><span id="pen"><input id="control" type="radio"><span id="mark">${mark.tick}</span></span><span id="label"><slot></slot></span></label>
      <div id="details"><slot name="details"></slot></div><div id="more"><slot name="secondary-content"></slot></div>
    `;
    static styles = `${toggleLook} #more { padding-inline-start: 26px; } #more:not(.full) { display: none; }`;

    setUp() {
      this.changes = new MutationObserver(() => this.renderSoon());
      this.control = this.part$('control');
      this.control.addEventListener('change', (event) => {
        event.stopPropagation();
        this.list?.took(this, this.control.checked);
      });
      this.control.addEventListener('input', (event) => event.stopPropagation());
      this.control.addEventListener('keydown', (event) => {
        const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
        if (!step || this.control.type !== 'radio') return;
        event.preventDefault();
        this.list?.move(this, step);
      });
      watchSlot(this.root.querySelector('slot[name="details"]'), (full) => this.part$('details').classList.toggle('full', full));
      watchSlot(this.root.querySelector('slot[name="secondary-content"]'), (full) => this.part$('more').classList.toggle('full', full));
    }

    connectedCallback() {
      for (const name of ['value', 'selected']) this.adopt(name);
      super.connectedCallback();
      this.changes.observe(this, { childList: true, characterData: true, subtree: true });
      this.list?.settle?.();
    }

    disconnectedCallback() { this.changes.disconnect(); }

    get list() { return this.closest('s-choice-list'); }

    // The label's words without the details and what else stands in a slot of its own.
    get words() {
      return [...this.childNodes].filter((node) => !node.slot).map((node) => node.textContent).join(' ').trim();
    }

    get value() { return this.getAttribute('value') ?? ''; }
    set value(value) { setAttribute(this, 'value', value); }
    get selected() { return this.held ?? this.hasAttribute('selected'); }
    set selected(on) { this.held = Boolean(on); this.renderSoon(); }
    get defaultSelected() { return this.hasAttribute('selected'); }
    set defaultSelected(on) { this.toggleAttribute('selected', Boolean(on)); }

    focus(options) { this.control.focus(options); }
    click() { this.control.click(); }

    render() {
      const list = this.list;
      const off = this.disabled || Boolean(list?.disabled);
      const type = list?.multiple ? 'checkbox' : 'radio';
      if (this.control.type !== type) this.control.type = type;
      this.control.checked = this.selected;
      this.control.disabled = off;
      this.state('off', off);
      setAttribute(this.control, 'aria-label', this.accessibilityLabel || this.words);
    }
  }

  class ChoiceList extends Element {
    static formAssociated = true;
    static props = {
      disabled: false, multiple: false, details: null, error: null, label: null, name: '', labelAccessibilityVisibility: 'visible',
    };
    static events = ['change', 'input'];
    static template = `
      <fieldset id="set"><legend id="label"></legend><div id="choices"><slot></slot></div></fieldset>
      <div id="error" role="alert">${svg('alert-circle')}<span id="error-text"></span></div><div id="details"></div>
    `;
    static styles = `
      :host { display: block; font: 450 13px/20px var(--font); color: var(--ink); }
      fieldset { border: 0; margin: 0; padding: 0; min-inline-size: 0; } legend { padding: 0; margin-block-end: 4px; } legend:empty { display: none; }
      #choices { display: flex; flex-direction: column; }
      #error { display: none; gap: 4px; margin-block-start: 4px; color: var(--critical-ink); } :host(:state(invalid)) #error { display: flex; }
      #details { margin-block-start: 4px; color: var(--ink-subdued); } #details:empty { display: none; }
    `;

    setUp() {
      this.root.querySelector('slot').addEventListener('slotchange', () => this.settle());
    }

    connectedCallback() {
      this.adopt('values');
      super.connectedCallback();
    }

    get choices() { return [...this.querySelectorAll('s-choice')]; }
    get values() { return this.wanted ?? this.choices.filter((choice) => choice.selected).map((choice) => choice.value); }
    set values(values) {
      this.wanted = values === null || values === undefined ? undefined : [...values].map(String);
      this.settle();
    }

    // Applies what was asked for to the choices there are; a choice that comes later is settled then.
    settle() {
      const { choices } = this;
      if (this.wanted) for (const choice of choices) if (choice.selected !== undefined) choice.selected = this.wanted.includes(choice.value);
      for (const choice of choices) choice.renderSoon?.();
      const selected = choices.find((choice) => choice.selected) ?? choices.find((choice) => !choice.disabled);
      for (const choice of choices) {
        if (choice.control) choice.control.tabIndex = this.multiple || choice === selected ? 0 : -1;
      }
      this.tell();
    }

    took(chosen, on) {
      for (const choice of this.choices) {
        if (choice === chosen) choice.selected = this.multiple ? on : true;
        else if (!this.multiple) choice.selected = false;
      }
      this.wanted = this.choices.filter((choice) => choice.selected).map((choice) => choice.value);
      this.settle();
      this.emit('input', { bubbles: true, composed: true });
      this.emit('change', { bubbles: true });
    }

    move(from, step) {
      const able = this.choices.filter((choice) => !choice.disabled);
      const next = able[(able.indexOf(from) + step + able.length) % able.length];
      if (!next) return;
      this.took(next, true);
      next.focus();
    }

    tell() {
      const form = new FormData();
      for (const value of this.values) form.append(this.name || unique('choice'), value);
      this.internals.setFormValue(this.name ? form : null);
    }

    formResetCallback() {
      this.wanted = undefined;
      for (const choice of this.choices) choice.selected = choice.defaultSelected;
      this.settle();
    }

    render() {
      const label = this.part$('label');
      setText(label, this.label ?? '');
      label.classList.toggle('hush', this.labelAccessibilityVisibility === 'exclusive');
      setText(this.part$('error-text'), this.error ?? '');
      setText(this.part$('details'), this.details ?? '');
      this.state('invalid', Boolean(this.error));
      setAttribute(this.part$('set'), 'role', this.multiple ? 'group' : 'radiogroup');
      this.settle();
    }
  }

  define('s-checkbox', Checkbox);
  define('s-switch', Switch);
  define('s-choice', Choice);
  define('s-choice-list', ChoiceList);
})();
