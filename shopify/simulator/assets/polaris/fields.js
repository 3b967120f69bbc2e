// Fields for typing: s-text-field, s-text-area, s-search-field, s-number-field, s-money-field, s-email-field,
// s-password-field and s-url-field, and the frame (label, message, details) that every form element shares.
(() => {
  'use strict';
  const { Element, define, setText, setAttribute, watchSlot, svg } = globalThis.polarisStandIn;

  const fieldProps = {
    disabled: false, name: '', details: null, error: null, label: null, required: false,
    labelAccessibilityVisibility: 'visible',
  };
  const typingProps = { ...fieldProps, placeholder: '', readOnly: false, autocomplete: '' };

  const frame = `
    :host { display: block; font: 450 13px/20px var(--font); color: var(--ink); min-inline-size: 0; }
    #label { display: block; margin-block-end: 4px; } #label:empty { display: none; }
    :host([disabled]) #label { color: var(--ink-disabled); }
    #error { display: none; gap: 4px; align-items: flex-start; margin-block-start: 4px; color: var(--critical-ink); }
    :host(:state(invalid)) #error { display: flex; } #error svg { display: block; margin-block: 0; flex: none; margin-inline-start: -1px; }
    #details { margin-block-start: 4px; color: var(--ink-subdued); } #details:not(.full) { display: none; }
  `;
  const box = `
    #box {
      display: flex; align-items: center; gap: 4px; min-block-size: var(--field-height); padding-inline: 12px; border-radius: 8px; background: #fdfdfd;
      border: 0; box-shadow: inset 0 0 0 .66px #8a8a8a, inset 0 1px 0 0 #8a8a8a; font-size: var(--field-text); line-height: 20px; position: relative; cursor: text;
    }
    #box:hover { background: #fafafa; box-shadow: inset 0 0 0 .66px #616161, inset 0 1px 0 0 #616161; }
    #box:has(#control:focus) { outline: 2px solid var(--focus); outline-offset: 1px; box-shadow: inset 0 0 0 1px #303030; background: #fff; }
    :host(:state(invalid)) #box { background: var(--critical-ground); box-shadow: inset 0 0 0 1px var(--critical-ink); }
    :host([disabled]) #box { background: #f2f2f2; box-shadow: none; color: var(--ink-disabled); cursor: default; }
    :host([readonly]) #box { background: #f7f7f7; }
    #control { flex: 1; inline-size: 100%; min-inline-size: 0; padding: 0; margin: 0; border: 0; outline: 0; background: none; font: inherit; color: inherit; min-block-size: inherit; appearance: none; }
    #control::placeholder { color: #616161; opacity: 1; } :host([disabled]) #control::placeholder { color: var(--ink-disabled); }
    #icon { display: flex; color: #8a8a8a; margin-inline-start: -4px; } #icon:empty { display: none; }
    .affix { color: var(--ink-subdued); white-space: nowrap; } .affix:empty { display: none; }
  `;
  const around = (inner) => `
    <label id="label" for="control"></label>
    ${inner}
    <div id="error" role="alert">${svg('alert-circle')}<span><span id="error-text"></span><slot name="error"></slot></span></div>
    <div id="details"><span id="details-text"></span><slot name="details"></slot></div>
  `;

  // A form-associated element with a label, an error and details around one native control.
  class Field extends Element {
    static formAssociated = true;
    static focusable = true;

    setUp() {
      this.control = this.part$('control');
      for (const slot of this.root.querySelectorAll('slot[name="error"], slot[name="details"]')) {
        watchSlot(slot, (full) => {
          this[`${slot.name}Slotted`] = full;
          this.showMessages();
        });
      }
    }

    get form() { return this.internals.form; }
    get validity() { return this.internals.validity; }
    get validationMessage() { return this.internals.validationMessage; }
    get willValidate() { return this.internals.willValidate; }
    checkValidity() { return this.internals.checkValidity(); }
    reportValidity() { return this.internals.reportValidity(); }
    focus(options) { this.control.focus(options); }
    blur() { this.control.blur(); }

    formDisabledCallback(disabled) {
      this.formDisabled = disabled;
      this.renderSoon();
    }

    showMessages() {
      const error = typeof this.error === 'string' ? this.error : '';
      const details = typeof this.details === 'string' ? this.details : '';
      const wrong = Boolean(error || this.errorSlotted);
      const explained = Boolean(details || this.detailsSlotted);
      this.state('invalid', wrong);
      setText(this.part$('error-text'), error);
      setText(this.part$('details-text'), details);
      this.part$('details').classList.toggle('full', explained);
      setAttribute(this.control, 'aria-invalid', wrong ? 'true' : null);
      setAttribute(this.control, 'aria-describedby', [wrong && 'error', explained && 'details'].filter(Boolean).join(' '));
    }

    render() {
      const label = this.part$('label');
      setText(label, this.label ?? '');
      label.classList.toggle('hush', this.labelAccessibilityVisibility === 'exclusive');
      this.control.disabled = this.disabled || Boolean(this.formDisabled);
      setAttribute(this.control, 'aria-required', this.required ? 'true' : null);
      this.showMessages();
      this.validate();
    }

    validate() {
      const missing = this.required && !this.value;
      const own = this.control.validity;
      if (missing) this.internals.setValidity({ valueMissing: true }, 'Fill in this field.', this.control);
      else if (own && !own.valid) this.internals.setValidity(own, this.control.validationMessage || 'Enter a valid value.', this.control);
      else this.internals.setValidity({});
    }
  }

  // A field whose value is text. The attribute is only where the value starts, as with a native input.
  class Typing extends Field {
    static props = typingProps;
    static events = ['input', 'change', 'focus', 'blur'];
    static slots = ['error', 'details'];
    static template = around('<div id="box"><span id="icon"></span><span id="prefix" class="affix"></span><input id="control"><span id="suffix" class="affix"></span><slot name="accessory"></slot></div>');
    static styles = frame + box;
    static get observedAttributes() { return [...super.observedAttributes, 'value']; }

    setUp() {
      super.setUp();
      this.part$('box').addEventListener('pointerdown', (event) => {
        if (event.target === this.control || event.target.closest('button, slot')) return;
        event.preventDefault();
        this.control.focus();
      });
      this.control.addEventListener('input', () => this.took());
      // A native change stays inside the shadow; the page hears one on the element itself.
      this.control.addEventListener('change', () => {
        this.took();
        this.emit('change', { bubbles: true });
      });
      this.control.addEventListener('keydown', (event) => {
        if (event.key === 'Enter' && this.control.localName === 'input' && !event.isComposing) this.internals.form?.requestSubmit();
      });
    }

    took() {
      this.dirty = true;
      this.internals.setFormValue(this.control.value);
      this.validate();
      this.renderValue?.();
    }

    get value() { return this.control.value; }
    set value(value) {
      const text = value === null || value === undefined ? '' : String(value);
      this.dirty = true;
      if (this.control.value !== text) this.control.value = text;
      this.internals.setFormValue(text);
      this.validate();
      this.renderValue?.();
    }

    get defaultValue() { return this.getAttribute('value') ?? ''; }
    set defaultValue(value) { setAttribute(this, 'value', value); }

    formResetCallback() {
      this.value = this.defaultValue;
      this.dirty = false;
    }

    connectedCallback() {
      for (const name of ['value', 'defaultValue']) this.adopt(name);
      super.connectedCallback();
    }

    render() {
      if (!this.dirty && this.control.value !== this.defaultValue) {
        this.control.value = this.defaultValue;
        this.internals.setFormValue(this.defaultValue);
      }
      super.render();
      const control = this.control;
      setAttribute(control, 'placeholder', this.placeholder);
      setAttribute(control, 'autocomplete', this.autocomplete);
      setAttribute(control, 'name', this.name);
      control.readOnly = this.readOnly;
      for (const limit of ['maxLength', 'minLength']) {
        if (limit in this.constructor.props) setAttribute(control, limit, Number.isFinite(this[limit]) && this[limit] > 0 ? this[limit] : null);
      }
      for (const side of ['prefix', 'suffix']) {
        if (side in this.constructor.props) setText(this.part$(side), this[side] ?? '');
      }
      this.showIcon(this.icon);
      this.renderValue?.();
    }

    showIcon(type) {
      const drawn = svg(type);
      const icon = this.part$('icon');
      if (icon && this.drawn !== drawn) icon.innerHTML = drawn;
      this.drawn = drawn;
    }
  }

  const lengths = { maxLength: Infinity, minLength: 0 };

  class TextField extends Typing {
    static props = { ...typingProps, ...lengths, icon: '', suffix: '', prefix: '' };
    static slots = ['accessory', 'error', 'details'];
  }

  const inputOf = (type) => Typing.template.replace('<input ', `<input type="${type}" `).replace('<slot name="accessory"></slot>', '');

  class EmailField extends Typing {
    static props = { ...typingProps, ...lengths };
    static template = inputOf('email');
  }

  class UrlField extends Typing {
    static props = { ...typingProps, ...lengths };
    static template = inputOf('url');
  }

  class PasswordField extends Typing {
    static props = { ...typingProps, ...lengths };
    static template = inputOf('password');
  }

  class TextArea extends Typing {
    static props = { ...typingProps, ...lengths, rows: 2 };
    static template = around('<div id="box"><textarea id="control"></textarea></div>');
    static styles = `${frame}${box} #control { padding-block: 6px; resize: vertical; field-sizing: content; }`;

    render() {
      super.render();
      this.control.rows = this.rows;
      this.control.style.minBlockSize = `${this.rows * 20 + 12}px`;
    }
  }

  class SearchField extends Typing {
    static props = { ...typingProps, ...lengths };
    static template = inputOf('search').replace('<span id="suffix" class="affix"></span>', `<button id="clear" type="button" aria-label="Clear" hidden>${svg('x-circle')}</button>`);
    static styles = `${frame}${box}
      #control::-webkit-search-cancel-button { display: none; }
      #clear { display: flex; padding: 0; border: 0; background: none; color: #8a8a8a; cursor: pointer; border-radius: 6px; margin-inline-end: -4px; }
      #clear[hidden] { display: none; } #clear:hover { color: #4a4a4a; } #clear:focus-visible { outline: 2px solid var(--focus); }
    `;

    setUp() {
      super.setUp();
      this.part$('clear').addEventListener('click', () => {
        this.value = '';
        this.control.focus();
        this.emit('input', { bubbles: true, composed: true });
        this.emit('change', { bubbles: true });
      });
    }

    renderValue() { this.part$('clear').hidden = !this.control.value || this.disabled; }

    render() {
      super.render();
      this.showIcon('search');
    }
  }

  // A number with two small buttons to count it up and down.
  class Counting extends Typing {
    static props = { ...typingProps, max: Infinity, min: -Infinity };
    static template = inputOf('number').replace('</div>', `<div id="steps" aria-hidden="true">
      <button id="up" type="button" tabindex="-1">${svg('caret-up', 16)}</button><button id="down" type="button" tabindex="-1">${svg('caret-down', 16)}</button></div></div>`);
    static styles = `${frame}${box}
      #control { appearance: textfield; } #control::-webkit-inner-spin-button { display: none; }
      #steps { display: flex; flex-direction: column; margin-inline-end: -8px; visibility: hidden; } :is(#box:hover, #box:focus-within) #steps { visibility: visible; }
      #steps button { display: grid; place-items: center; inline-size: 20px; block-size: 13px; padding: 0; border: 0; border-radius: 4px; background: #e3e3e3; color: #4a4a4a; cursor: pointer; margin-block: 1px; }
      #steps button:hover { background: #d4d4d4; } :host(:is([disabled], [readonly])) #steps { display: none; }
    `;

    setUp() {
      super.setUp();
      const step = (by) => {
        if (by > 0) this.control.stepUp();
        else this.control.stepDown();
        this.took();
        this.emit('input', { bubbles: true, composed: true });
        this.emit('change', { bubbles: true });
      };
      this.part$('up').addEventListener('click', () => step(1));
      this.part$('down').addEventListener('click', () => step(-1));
    }

    render() {
      super.render();
      setAttribute(this.control, 'min', Number.isFinite(this.min) ? this.min : null);
      setAttribute(this.control, 'max', Number.isFinite(this.max) ? this.max : null);
    }
  }

  class NumberField extends Counting {
    static props = { ...Counting.props, step: 1, suffix: '', prefix: '', inputMode: 'decimal' };

    render() {
      super.render();
      setAttribute(this.control, 'step', this.hasAttribute('step') ? this.step : 'any');
      setAttribute(this.control, 'inputmode', this.inputMode);
    }
  }

  class MoneyField extends Counting {
    static props = { ...Counting.props, currencyCode: 'auto' };

    render() {
      super.render();
      setAttribute(this.control, 'step', '0.01');
      setAttribute(this.control, 'inputmode', 'decimal');
      const code = this.currencyCode === 'auto' ? 'USD' : this.currencyCode;
      const parts = new Intl.NumberFormat('en', { style: 'currency', currency: code }).formatToParts(0);
      setText(this.part$('prefix'), parts.find((part) => part.type === 'currency')?.value ?? code);
    }
  }

  Object.assign(globalThis.polarisStandIn, { Field, Typing, fieldProps, typingProps, frame, box, around });
  define('s-text-field', TextField);
  define('s-text-area', TextArea);
  define('s-search-field', SearchField);
  define('s-number-field', NumberField);
  define('s-money-field', MoneyField);
  define('s-email-field', EmailField);
  define('s-password-field', PasswordField);
  define('s-url-field', UrlField);
})();
