// What can be pressed: s-button, s-press-button, s-button-group, s-clickable, s-chip and s-clickable-chip.
(() => {
  'use strict';
  const { Element, define, setAttribute, watchSlot, svg, Box, boxProps } = globalThis.polarisStandIn;

  const find = (element, id) => {
    for (let root = element.getRootNode(); root; root = root.host?.getRootNode()) {
      const found = root.getElementById?.(id);
      if (found) return found;
    }
    return document.getElementById(id);
  };

  // Carries out commandFor on the element it names.
  const command = (source) => {
    if (!source.commandFor) return;
    find(source, source.commandFor)?.obey?.(source.command, source);
  };

  // Shows what interestFor names while the pointer or the focus is on the source.
  const interest = (source) => {
    if (source.interested || !source.interestFor) return;
    source.interested = true;
    const target = () => (source.interestFor ? find(source, source.interestFor) : null);
    const show = () => target()?.interestShown?.(source);
    const hide = () => target()?.interestLost?.(source);
    source.addEventListener('pointerenter', show);
    source.addEventListener('pointerleave', hide);
    source.addEventListener('focusin', show);
    source.addEventListener('focusout', hide);
    source.addEventListener('keydown', (event) => { if (event.key === 'Escape') hide(); });
  };
  Object.assign(globalThis.polarisStandIn, { command, interest, find });

  const linkProps = { download: null, target: 'auto', commandFor: '', command: '--auto', href: '', interestFor: '' };

  // A control that is a link when it has an address and a button otherwise.
  const fit = (element, control) => {
    const wanted = element.href && !element.disabled ? 'a' : 'button';
    let inner = control;
    if (control.localName !== wanted) {
      inner = document.createElement(wanted);
      inner.id = control.id;
      inner.append(...control.childNodes);
      control.replaceWith(inner);
    }
    if (wanted === 'a') {
      inner.setAttribute('href', element.href);
      setAttribute(inner, 'target', element.target === 'auto' ? null : element.target ?? null);
      setAttribute(inner, 'rel', element.target === '_blank' ? 'noopener' : null);
      if (element.hasAttribute('download')) inner.setAttribute('download', element.getAttribute('download'));
    } else {
      inner.type = 'button';
      inner.disabled = Boolean(element.disabled);
    }
    setAttribute(inner, 'aria-label', element.accessibilityLabel);
    return inner;
  };

  // Submits or resets the form the element stands in; an inner button cannot, it lives in another tree.
  const act = (element) => {
    if (element.href) return;
    const form = element.closest('form');
    if (form && element.type === 'submit') form.requestSubmit();
    if (form && element.type === 'reset') form.reset();
    command(element);
  };

  const spinner = svg('blank').replace('</svg>', '<path d="M10 3.25a6.75 6.75 0 1 1-6.75 6.75" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"/></svg>');

  class Pressable extends Element {
    static focusable = true;

    setUp() {
      this.control = this.part$('control');
      this.root.addEventListener('click', (event) => {
        if (this.disabled || this.loading) {
          event.stopPropagation();
          event.preventDefault();
          return;
        }
        // The page's own listeners go first, so that one that cancels the click is heard.
        setTimeout(() => { if (!event.defaultPrevented) act(this); });
      });
      const slot = this.root.querySelector('slot:not([name])');
      if (slot) watchSlot(slot, (full) => this.state('text', full));
    }

    click() { this.control.click(); }

    render() {
      this.control = fit(this, this.control);
      const inert = Boolean(this.disabled || this.loading);
      if (this.control.localName === 'button') this.control.disabled = inert && !this.loading;
      setAttribute(this.control, 'aria-busy', this.loading ? 'true' : null);
      setAttribute(this.control, 'aria-disabled', inert ? 'true' : null);
      setAttribute(this.control, 'aria-haspopup', this.commandFor && find(this, this.commandFor)?.localName === 's-menu' ? 'menu' : null);
      this.state('busy', this.loading);
      this.state('off', this.disabled);
      interest(this);
    }
  }

  const look = `
    :host { display: inline-block; vertical-align: middle; max-inline-size: 100%; flex: none; font-family: var(--font); }
    :host([inlinesize='fill']) { display: block; inline-size: 100%; }
    #control {
      display: flex; align-items: center; justify-content: center; gap: 2px; inline-size: 100%; min-block-size: var(--button-height);
      padding: 0 12px; border: 0; border-radius: 8px; color: #303030; background: #fff; text-decoration: none; cursor: pointer;
      font: 550 12px/16px var(--font); white-space: nowrap; position: relative; user-select: none; outline: none;
      box-shadow: inset 0 -1px 0 #b5b5b5, inset 0 0 0 1px rgba(0, 0, 0, .1), inset 0 .5px 0 1.5px #fff;
    }
    #control:hover { background: #fafafa; } #control:active { background: #f1f1f1; box-shadow: inset 0 1px 1px rgba(26, 26, 26, .22), inset 0 0 0 1px rgba(0, 0, 0, .12); }
    #control:focus-visible { outline: 2px solid var(--focus); outline-offset: 1px; }
    #icon { display: flex; color: #4a4a4a; } #icon:empty { display: none; }
    :host(:state(text)) #icon:not(:empty) { margin-inline-start: -6px; }
    :host(:state(text)) #icon.after { margin-inline: 2px -6px; order: 2; }
    :host(:not(:state(text))) #control { inline-size: var(--button-height); padding: 0; }
    #spin { display: none; position: absolute; inset: 0; place-items: center; color: #8a8a8a; }
    :host(:state(busy)) #spin { display: grid; } :host(:state(busy)) :is(#label, #icon) { visibility: hidden; }
    #spin svg { animation: turn .7s linear infinite; } @keyframes turn { to { transform: rotate(1turn); } }
    :host(:state(primary)) #control {
      color: #fff; background: #303030 linear-gradient(180deg, rgba(48, 48, 48, 0) 63.5%, rgba(255, 255, 255, .15) 100%);
      box-shadow: inset 0 0 0 1px #000, inset 0 0 0 1.5px rgba(255, 255, 255, .25), inset 0 -1px 0 1px rgba(0, 0, 0, .8);
    }
    :host(:state(primary)) #control:hover { background-color: #1a1a1a; } :host(:state(primary)) #control:active { background: #1a1a1a; box-shadow: inset 0 3px 0 #000; }
    :host(:state(primary)) :is(#icon, #spin) { color: inherit; }
    :host(:state(primary):state(critical)) #control {
      background: #c70a24; box-shadow: inset 0 -1px 0 1px rgba(142, 11, 33, .8), inset 0 0 0 1px rgba(142, 11, 33, .8), inset 0 .5px 0 1.5px rgba(247, 128, 134, .64);
    }
    :host(:state(primary):state(critical)) #control:hover { background: #a30a24; }
    :host(:state(critical):not(:state(primary))) :is(#control, #icon) { color: #8e0b21; }
    :host(:state(tertiary)) #control { background: transparent; box-shadow: none; }
    :host(:state(tertiary)) #control:hover { background: rgba(0, 0, 0, .05); } :host(:state(tertiary)) #control:active { background: rgba(0, 0, 0, .08); }
    :host(:state(header)) #control { background: #e3e3e3; box-shadow: none; }
    :host(:state(header)) #control:hover { background: #d4d4d4; } :host(:state(header)) #control:active { background: #ccc; }
    :host(:state(off):not(:state(tertiary)):not(:state(item))) #control, :host(:state(busy):not(:state(tertiary))) #control { background: #f0f0f0; box-shadow: none; color: #b5b5b5; }
    :host(:state(off):not(:state(x))) #control { color: #b5b5b5; cursor: default; } :host(:state(off)) #icon { color: #b5b5b5; }
    :host(:state(busy)) #control { cursor: default; } :host(:state(busy)) #spin { color: #8a8a8a; }
    :host(:state(joined)) #control { border-radius: 0; } :host(:state(joined)) { margin-inline-start: -1px; }
    :host(:state(joined):first-child) #control { border-start-start-radius: 8px; border-end-start-radius: 8px; }
    :host(:state(joined):first-child) { margin-inline-start: 0; }
    :host(:state(joined):last-child) #control { border-start-end-radius: 8px; border-end-end-radius: 8px; }
    :host(:state(item)) { display: block; }
    :host(:state(item)) #control {
      justify-content: flex-start; gap: 4px; padding: 6px 8px; min-block-size: 32px; font: 450 13px/20px var(--font); background: transparent; box-shadow: none; white-space: normal; text-align: start;
    }
    :host(:state(item)) #control:is(:hover, :focus) { background: #f1f1f1; } :host(:state(item)) #icon:not(:empty) { margin-inline: -2px 4px; }
    :host(:state(item):state(critical)) #control:hover { background: #fee8eb; }
    @media (max-width: 489.98px) { :host(:state(brief)) #label { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); } :host(:state(brief)) #control { inline-size: var(--button-height); padding: 0; } :host(:state(brief)) #icon { margin: 0 !important; } }
    @media (max-width: 489.98px) { :host(:state(header):state(text)) #control { min-inline-size: 100%; justify-content: flex-start; background: transparent; font-weight: 450; font-size: 13px; } }
  `;
  const inside = '<span id="icon"></span><span id="label"><slot></slot></span><span id="spin" aria-hidden="true">' + spinner + '</span>';

  class Button extends Pressable {
    static props = {
      tone: 'auto', icon: '', accessibilityLabel: '', variant: 'auto', type: 'button', disabled: false, inlineSize: 'auto',
      loading: false, ...linkProps,
    };
    static events = ['click', 'focus', 'blur'];
    static template = `<button id="control" type="button">${inside}</button>`;
    static styles = look;

    connectedCallback() {
      const parent = this.parentElement;
      this.place = {
        menu: Boolean(this.closest('s-menu')),
        header: this.slot === 'secondary-actions' && parent?.localName === 's-page',
        main: this.slot === 'primary-action' && ['s-page', 's-modal', 's-empty-state', 's-button-group'].includes(parent?.localName),
        joined: parent?.localName === 's-button-group' && parent.getAttribute('gap') === 'none',
      };
      this.state('item', this.place.menu);
      this.state('header', this.place.header);
      this.state('joined', this.place.joined);
      super.connectedCallback();
    }

    render() {
      super.render();
      const variant = this.variant === 'auto' && this.place?.main ? 'primary' : this.variant;
      this.state('primary', variant === 'primary' && !this.place?.menu);
      this.state('tertiary', variant === 'tertiary');
      this.state('critical', this.tone === 'critical');
      // Where a page is narrow its main action keeps its icon only; the words stay for screen readers.
      this.state('brief', Boolean(this.place?.main && this.icon && this.parentElement?.localName === 's-page'));
      setAttribute(this.control, 'role', this.place?.menu && this.control.localName === 'button' ? 'menuitem' : null);
      const icon = this.root.getElementById('icon');
      const drawn = svg(this.icon);
      if (icon.innerHTML !== drawn) icon.innerHTML = drawn;
      icon.classList.toggle('after', /^(chevron|caret)-(down|up)$/.test(this.icon) || this.icon === 'select');
    }
  }

  class PressButton extends Pressable {
    static props = {
      tone: 'neutral', icon: '', variant: 'secondary', disabled: false, accessibilityLabel: '', inlineSize: 'auto', loading: false,
    };
    static events = ['click', 'focus', 'blur'];
    static template = `<button id="control" type="button">${inside}</button>`;
    static styles = `${look} :host(:state(pressed)) #control { background: #ccc; box-shadow: inset 0 1px 1px rgba(26, 26, 26, .22), inset 0 0 0 1px rgba(0, 0, 0, .12); }
      :host(:state(tertiary):state(pressed)) #control { background: rgba(0, 0, 0, .08); box-shadow: none; }`;
    static get observedAttributes() { return [...super.observedAttributes, 'pressed']; }

    get pressed() { return this.held ?? this.hasAttribute('pressed'); }
    set pressed(value) { this.held = Boolean(value); this.renderSoon(); }
    get defaultPressed() { return this.hasAttribute('pressed'); }
    set defaultPressed(value) { this.toggleAttribute('pressed', Boolean(value)); }

    connectedCallback() {
      const group = this.parentElement;
      this.state('joined', group?.localName === 's-button-group' && group.getAttribute('gap') === 'none');
      super.connectedCallback();
    }

    render() {
      super.render();
      this.state('pressed', this.pressed);
      this.state('tertiary', this.variant === 'tertiary');
      this.control.setAttribute('aria-pressed', String(this.pressed));
      const icon = this.root.getElementById('icon');
      const drawn = svg(this.icon);
      if (icon.innerHTML !== drawn) icon.innerHTML = drawn;
    }
  }

  class ButtonGroup extends Element {
    static props = { accessibilityLabel: '', gap: 'base' };
    static slots = ['', 'primary-action', 'secondary-actions'];
    static template = '<slot></slot><slot name="secondary-actions"></slot><slot name="primary-action"></slot>';
    static styles = ':host { display: inline-flex; flex-wrap: wrap; gap: 8px; align-items: center; } :host([gap="none"]) { gap: 0; flex-wrap: nowrap; }';

    render() {
      this.internals.role = 'group';
      this.internals.ariaLabel = this.accessibilityLabel || null;
    }
  }

  class Clickable extends Box {
    static props = { ...boxProps, loading: false, disabled: false, type: 'button', ...linkProps };
    static events = ['click', 'focus', 'blur'];
    static focusable = true;
    static template = '<style id="own"></style><button id="control" type="button"><slot></slot></button>';
    static styles = `
      @layer rest { :host { display: block; cursor: pointer; transition: background .1s; } }
      #control { all: unset; box-sizing: border-box; display: block; inline-size: 100%; min-block-size: 100%; border-radius: inherit; cursor: inherit; }
      :host(:hover) { background-image: linear-gradient(rgba(0, 0, 0, .03), rgba(0, 0, 0, .03)); }
      :host(:focus-within:has(:focus-visible)) { outline: 2px solid var(--focus); outline-offset: 1px; }
      #control:focus-visible { outline: 2px solid var(--focus); outline-offset: 1px; }
      :host([disabled]) { opacity: .5; cursor: default; }
    `;

    setUp() { Pressable.prototype.setUp.call(this); }

    click() { this.control.click(); }

    render() {
      super.render();
      this.internals.ariaLabel = null;
      Pressable.prototype.render.call(this);
    }
  }

  const chipLook = `
    :host { display: inline-flex; max-inline-size: 100%; vertical-align: middle; }
    .chip {
      display: inline-flex; align-items: center; gap: 4px; min-block-size: 20px; padding: 0 6px; border-radius: 8px; border: 0; max-inline-size: 100%;
      background: #e3e3e3; color: #303030; font: 450 12px/16px var(--font); text-decoration: none; overflow: hidden;
    }
    :host([color='subdued']) .chip { background: #f1f1f1; color: #616161; } :host([color='strong']) .chip { background: #303030; color: #fff; }
    .words { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    ::slotted([slot='graphic']) { inline-size: 16px !important; block-size: 16px !important; }
    #remove { display: none; place-items: center; inline-size: 16px; block-size: 16px; margin-inline-end: -4px; padding: 0; border: 0; border-radius: 4px; background: none; color: inherit; cursor: pointer; }
    :host([removable]) #remove { display: grid; } #remove:hover { background: rgba(0, 0, 0, .1); }
    :is(.chip, #remove, #control):focus-visible { outline: 2px solid var(--focus); outline-offset: 1px; }
  `;
  const removeButton = `<button id="remove" type="button" aria-label="Remove">${svg('x', 14)}</button>`;

  // Says what would be removed: "Remove VIP".
  const nameRemoval = (element) => {
    const name = element.accessibilityLabel || element.textContent.trim();
    element.part$('remove').setAttribute('aria-label', name ? `Remove ${name}` : 'Remove');
  };

  class Chip extends Element {
    static props = { color: 'base', accessibilityLabel: '', removable: false };
    static events = ['remove'];
    static slots = ['', 'graphic'];
    static template = `<span class="chip"><slot name="graphic"></slot><span class="words"><slot></slot></span>${removeButton}</span>`;
    static styles = chipLook;

    setUp() {
      this.part$('remove').addEventListener('click', (event) => {
        event.stopPropagation();
        this.emit('remove');
      });
    }

    render() {
      this.internals.ariaLabel = this.accessibilityLabel || null;
      nameRemoval(this);
    }
  }

  class ClickableChip extends Pressable {
    static props = {
      disabled: false, removable: false, color: 'base', accessibilityLabel: '', href: '', interestFor: '', commandFor: '', command: '--auto',
    };
    static events = ['click', 'remove', 'afterhide'];
    static slots = ['', 'graphic'];
    static get observedAttributes() { return [...super.observedAttributes, 'hidden']; }
    static template = `<span class="chip"><button id="control" type="button"><slot name="graphic"></slot><span class="words"><slot></slot></span></button>${removeButton}</span>`;
    static styles = `${chipLook}
      #control { all: unset; display: inline-flex; align-items: center; gap: 4px; min-inline-size: 0; cursor: pointer; border-radius: 6px; }
      .chip:hover { background: #d4d4d4; } :host([disabled]) { opacity: .5; }
    `;

    setUp() {
      super.setUp();
      this.part$('remove').addEventListener('click', (event) => {
        event.stopPropagation();
        this.emit('remove');
      });
    }

    render() {
      super.render();
      nameRemoval(this);
      if (this.hidden && !this.wasHidden) this.emit('afterhide');
      this.wasHidden = this.hidden;
    }
  }

  define('s-button', Button);
  define('s-press-button', PressButton);
  define('s-button-group', ButtonGroup);
  define('s-clickable', Clickable);
  define('s-chip', Chip);
  define('s-clickable-chip', ClickableChip);
})();
