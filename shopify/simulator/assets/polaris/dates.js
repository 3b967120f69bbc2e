// s-date-picker, one day or a range, and s-date-field which opens one.
(() => {
  'use strict';
  const {
    Element, define, setAttribute, svg, Typing, typingProps, frame, box, around, days, calendar, place,
  } = globalThis.polarisStandIn;
  const { isDay, addDays, addMonths, today, allowed } = days;

  const dateProps = { allow: '', allowDays: '', disallow: '', disallowDays: '' };

  class DatePicker extends Element {
    static formAssociated = true;
    static props = { type: 'single', ...dateProps, visibleMonths: 'auto', name: '' };
    static events = ['viewchange', 'focus', 'blur', 'input', 'change'];
    static slots = [];
    static get observedAttributes() { return [...super.observedAttributes, 'value', 'view']; }
    static template = '<div id="months"></div>';
    static styles = `:host { display: block; font: 450 13px/20px var(--font); color: var(--ink); container-type: inline-size; }
      #months { display: grid; grid-auto-flow: column; grid-auto-columns: minmax(0, 1fr); gap: 16px; min-block-size: 242px; } ${calendar.look}`;

    setUp() {
      const months = this.part$('months');
      months.addEventListener('click', (event) => {
        const turn = event.target.closest('[data-turn]');
        const cell = event.target.closest('[data-day]');
        if (turn) this.turn(Number(turn.dataset.turn));
        if (cell && !cell.disabled) this.choose(cell.dataset.day);
      });
      months.addEventListener('keydown', (event) => this.key(event));
      this.sizes = new ResizeObserver(([entry]) => {
        const wide = entry.contentRect.width >= 560;
        if (this.wide === wide) return;
        this.wide = wide;
        this.render();
      });
    }

    connectedCallback() {
      for (const name of ['value', 'view']) this.adopt(name);
      super.connectedCallback();
      this.sizes.observe(this);
    }

    disconnectedCallback() { this.sizes.disconnect(); }

    get value() { return this.held ?? this.getAttribute('value') ?? ''; }
    set value(value) {
      this.held = String(value ?? '');
      this.internals.setFormValue(this.held);
      this.renderSoon();
    }
    get defaultValue() { return this.getAttribute('value') ?? ''; }
    set defaultValue(value) { setAttribute(this, 'value', value); }
    get view() { return this.seen ?? (this.getAttribute('view') || (this.range[1] || this.range[0] || today()).slice(0, 7)); }
    set view(view) { this.seen = view ? String(view).slice(0, 7) : undefined; this.renderSoon(); }
    get defaultView() { return this.getAttribute('view') ?? ''; }
    set defaultView(view) { setAttribute(this, 'view', view); }

    get range() {
      const [from = '', to = ''] = this.value.split('--');
      return [isDay(from) ? from : '', this.type === 'range' && isDay(to) ? to : ''];
    }

    get rules() {
      const { allow, allowDays, disallow, disallowDays } = this;
      return { allow, allowDays, disallow, disallowDays };
    }

    turn(count) {
      this.seen = addMonths(this.view, count);
      this.cursor = undefined;
      this.render();
      this.root.querySelector(`[data-turn="${count}"]`)?.focus();
      this.emit('viewchange');
    }

    // In a range the first press starts it and the second ends it, whichever comes first in time.
    choose(day) {
      let next = day;
      if (this.type === 'range') {
        const start = this.started;
        this.started = start ? undefined : day;
        if (start) next = day < start ? `${day}--${start}` : `${start}--${day}`;
        else next = `${day}--`;
      }
      this.cursor = day;
      this.seen ??= this.view;
      this.held = next;
      this.internals.setFormValue(next);
      this.render();
      this.root.querySelector(`[data-day="${day}"]`)?.focus();
      this.emit('input', { bubbles: true, composed: true });
      this.emit('change', { bubbles: true });
    }

    key(event) {
      const day = event.target.dataset?.day;
      if (!day) return;
      let to = calendar.steps[event.key] ? addDays(day, calendar.steps[event.key]) : '';
      if (event.key === 'PageUp' || event.key === 'PageDown') {
        to = `${addMonths(day.slice(0, 7), event.key === 'PageUp' ? -1 : 1)}-01`;
      }
      if (!to) return;
      event.preventDefault();
      this.cursor = to;
      const shown = this.shown.some((month) => to.startsWith(month));
      if (!shown) this.seen = to < day ? to.slice(0, 7) : addMonths(to.slice(0, 7), 1 - this.shown.length);
      this.render();
      this.root.querySelector(`[data-day="${to}"]`)?.focus();
      if (!shown) this.emit('viewchange');
    }

    get shown() {
      const two = this.visibleMonths === '2' || (this.visibleMonths === 'auto' && this.type === 'range' && this.wide);
      return two ? [this.view, addMonths(this.view, 1)] : [this.view];
    }

    render() {
      const [from, to] = this.range;
      const { shown } = this;
      const inView = (day) => day && shown.some((month) => day.startsWith(month));
      const focus = [this.cursor, to, from, today()].find(inView) ?? `${shown[0]}-01`;
      const model = {
        from, to, focus, today: today(), rules: this.rules,
      };
      const html = shown.map((month, at) => calendar.monthHtml(month, model, { first: at === 0, last: at === shown.length - 1 })).join('');
      if (this.html !== html) this.part$('months').innerHTML = html;
      this.html = html;
    }
  }

  class DateField extends Typing {
    static props = { ...typingProps, ...dateProps };
    static events = ['blur', 'change', 'focus', 'input', 'invalid', 'viewchange'];
    static get observedAttributes() { return [...super.observedAttributes, 'view']; }
    static template = around(`<div id="box"><span id="icon"></span><input id="control" inputmode="numeric"><button id="open" type="button" aria-label="Choose a date" aria-haspopup="dialog">${svg('chevron-down')}</button></div>
      <div id="panel" popover="auto" role="dialog" aria-label="Choose a date"><s-date-picker id="picker"></s-date-picker></div>`);
    static styles = `${frame}${box}
      #open { display: flex; padding: 0; border: 0; background: none; color: #616161; cursor: pointer; border-radius: 6px; margin-inline-end: -4px; } #open:focus-visible { outline: 2px solid var(--focus); }
      #panel { position: fixed; inset: auto; margin: 0; padding: 16px; inline-size: 308px; border: 0; border-radius: 12px; background: #fff; box-shadow: 0 8px 16px -4px rgba(26, 26, 26, .22), 0 0 0 1px rgba(26, 26, 26, .08); }
    `;

    setUp() {
      super.setUp();
      this.panel = this.part$('panel');
      this.picker = this.part$('picker');
      const open = () => {
        if (this.readOnly || this.disabled || this.panel.matches(':popover-open')) return;
        if (isDay(this.control.value)) this.picker.value = this.control.value;
        this.panel.showPopover();
        place(this.panel, this.part$('box'));
      };
      this.part$('open').addEventListener('click', open);
      this.control.addEventListener('keydown', (event) => {
        if (event.key !== 'ArrowDown') return;
        event.preventDefault();
        open();
      });
      this.picker.addEventListener('viewchange', () => this.emit('viewchange'));
      this.picker.addEventListener('input', (event) => event.stopPropagation());
      this.picker.addEventListener('change', (event) => {
        event.stopPropagation();
        this.value = this.picker.value;
        this.panel.hidePopover();
        this.control.focus();
        this.emit('input', { bubbles: true, composed: true });
        this.emit('change', { bubbles: true });
      });
      this.control.addEventListener('change', () => {
        const { value } = this.control;
        if (value && !(isDay(value) && allowed(value, this))) this.emit('invalid');
      });
    }

    get view() { return this.picker.view; }
    set view(view) { this.picker.view = view; }
    get defaultView() { return this.getAttribute('view') ?? ''; }
    set defaultView(view) { setAttribute(this, 'view', view); }

    render() {
      super.render();
      this.showIcon('calendar');
      if (!this.placeholder) this.control.placeholder = 'YYYY-MM-DD';
      for (const name of Object.keys(dateProps)) this.picker[name] = this[name];
    }
  }

  define('s-date-picker', DatePicker);
  define('s-date-field', DateField);
})();
