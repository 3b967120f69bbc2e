// s-select with s-option and s-option-group: a native list of options that mirrors the light children.
(() => {
  'use strict';
  const { Element, define, setAttribute, svg, Field, fieldProps, frame, box, around } = globalThis.polarisStandIn;

  class Option extends Element {
    static props = { disabled: false };
    static styles = ':host { display: none; }';
    static get observedAttributes() { return [...super.observedAttributes, 'value', 'selected']; }

    get value() { return this.getAttribute('value') ?? this.textContent.trim(); }
    set value(value) { this.setAttribute('value', String(value ?? '')); }
    get selected() { return this.held ?? this.hasAttribute('selected'); }
    set selected(value) {
      this.held = Boolean(value);
      this.closest('s-select')?.chose(this);
    }
    get defaultSelected() { return this.hasAttribute('selected'); }
    set defaultSelected(value) { this.toggleAttribute('selected', Boolean(value)); }
  }

  class OptionGroup extends Element {
    static props = { disabled: false, label: '' };
    static styles = ':host { display: none; }';
  }

  class Select extends Field {
    static props = { ...fieldProps, placeholder: '', icon: '' };
    static events = ['change', 'input', 'blur', 'focus'];
    static slots = ['', 'error', 'details'];
    static get observedAttributes() { return [...super.observedAttributes, 'value']; }
    static template = around(`<div id="box"><span id="icon"></span><select id="control"></select><span id="arrows">${svg('select')}</span></div><slot id="options"></slot>`);
    static styles = `${frame}${box}
      #options { display: none; } #box { padding-inline: 0; cursor: pointer; }
      #control { padding-inline: 12px 32px; cursor: pointer; text-overflow: ellipsis; } #icon:not(:empty) { margin-inline: 8px -8px; }
      #arrows { position: absolute; inset-inline-end: 8px; display: flex; color: #4a4a4a; pointer-events: none; }
      #control option { font-size: 13px; color: #303030; } :host(:state(empty)) #control { color: var(--ink-subdued); }
    `;

    setUp() {
      super.setUp();
      this.observer = new MutationObserver(() => this.mirror());
      this.control.addEventListener('input', () => { this.chosen = this.control.value; this.tell(); });
      this.control.addEventListener('change', () => {
        this.chosen = this.control.value;
        this.tell();
        this.emit('change', { bubbles: true });
      });
    }

    connectedCallback() {
      this.adopt('value');
      this.observer.observe(this, { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ['value', 'selected', 'disabled', 'label'] });
      super.connectedCallback();
    }

    disconnectedCallback() { this.observer.disconnect(); }

    get value() { return this.chosen ?? this.getAttribute('value') ?? this.control.value; }
    set value(value) {
      this.chosen = String(value ?? '');
      this.settle();
    }

    chose(option) {
      if (option.selected) this.value = option.value;
    }

    formResetCallback() {
      this.chosen = undefined;
      this.mirror();
    }

    // Rebuilds the native options only when they differ, so that an open list is not disturbed.
    mirror() {
      const copy = (from) => {
        if (from.localName === 's-option') {
          const option = document.createElement('option');
          option.value = from.value ?? '';
          option.textContent = from.textContent.trim();
          option.disabled = from.hasAttribute('disabled');
          if (from.hasAttribute('selected')) this.preset = option.value;
          return option;
        }
        const group = document.createElement('optgroup');
        group.label = from.getAttribute('label') ?? '';
        group.disabled = from.hasAttribute('disabled');
        group.append(...[...from.children].filter((child) => child.localName === 's-option').map(copy));
        return group;
      };
      this.preset = undefined;
      const made = [...this.children].filter((child) => /^s-option(-group)?$/.test(child.localName)).map(copy);
      const empty = document.createElement('option');
      empty.value = '';
      empty.hidden = true;
      empty.disabled = true;
      empty.textContent = this.placeholder;
      // A choice of the page's own that stands for nothing takes the blank's place.
      const wanted = made.some((node) => node.value === '') ? made : [empty, ...made];
      if (wanted.map((node) => node.outerHTML).join('') !== [...this.control.children].map((node) => node.outerHTML).join('')) {
        this.control.replaceChildren(...wanted);
      }
      this.settle();
    }

    settle() {
      const options = [...this.control.options];
      const first = this.placeholder ? '' : (options.find((option) => !option.disabled)?.value ?? '');
      const wanted = this.chosen ?? this.getAttribute('value') ?? this.preset ?? first;
      this.control.value = options.some((option) => option.value === wanted) ? wanted : '';
      this.tell();
    }

    tell() {
      this.state('empty', this.control.selectedOptions[0]?.hidden ?? true);
      this.internals.setFormValue(this.control.value);
      this.validate();
    }

    render() {
      const icon = svg(this.icon);
      if (this.drawn !== icon) this.part$('icon').innerHTML = icon;
      this.drawn = icon;
      setAttribute(this.control, 'name', this.name);
      this.mirror();
      super.render();
    }
  }

  define('s-option', Option);
  define('s-option-group', OptionGroup);
  define('s-select', Select);
})();
