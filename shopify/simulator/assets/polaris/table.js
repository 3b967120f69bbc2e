// s-table and its parts: a table where there is room, a list of two-line rows where there is not.
(() => {
  'use strict';
  const { Element, define, setText, setAttribute, watchSlot, svg } = globalThis.polarisStandIn;

  // Below this many pixels of its own width a table with variant "auto" becomes a list.
  const narrow = 490;
  const places = ['primary', 'secondary', 'kicker', 'inline', 'labeled'];

  const give = (element, role) => { if (!element.hasAttribute('role')) element.setAttribute('role', role); };

  class Table extends Element {
    static props = { variant: 'auto', loading: false, paginate: false, hasPreviousPage: false, hasNextPage: false };
    static events = ['nextpage', 'previouspage'];
    static slots = ['', 'filters'];
    static template = `
      <div id="filters"><slot name="filters"></slot></div>
      <div id="scroll"><div id="table" role="table"><slot id="rows"></slot></div><div id="veil"><s-spinner></s-spinner></div></div>
      <nav id="pages" aria-label="Pages">
        <button id="previous" type="button" aria-label="Previous page">${svg('chevron-left')}</button>
        <button id="next" type="button" aria-label="Next page">${svg('chevron-right')}</button>
      </nav>
    `;
    static styles = `
      :host { display: block; font: 450 13px/20px var(--font); color: var(--ink); min-inline-size: 0; background: #fff; }
      #filters { padding: 6px 8px; border-block-end: 1px solid var(--line); } #filters:not(.full) { display: none; }
      #scroll { overflow-x: auto; position: relative; } #table { display: table; inline-size: 100%; border-collapse: collapse; }
      :host(:state(list)) #table { display: block; } :host(:state(list)) #scroll { overflow: visible; }
      #veil { display: none; position: absolute; inset: 0; background: rgba(255, 255, 255, .6); padding-block-start: 48px; justify-content: center; }
      :host(:state(loading)) #veil { display: flex; } :host(:state(loading)) #scroll { min-block-size: 120px; }
      #pages { display: none; justify-content: center; gap: 1px; padding: 6px; background: #f7f7f7; border-block-start: 1px solid var(--line); }
      :host([paginate]) #pages { display: flex; }
      #pages button { display: grid; place-items: center; inline-size: 28px; block-size: 28px; padding: 0; border: 0; background: #e3e3e3; color: #303030; cursor: pointer; }
      #previous { border-start-start-radius: 8px; border-end-start-radius: 8px; } #next { border-start-end-radius: 8px; border-end-end-radius: 8px; }
      #pages button:hover { background: #d4d4d4; } #pages button:disabled { background: #ebebeb; color: #b5b5b5; cursor: default; }
      #pages button:focus-visible { outline: 2px solid var(--focus); outline-offset: 1px; }
    `;

    setUp() {
      this.part$('previous').addEventListener('click', () => this.emit('previouspage'));
      this.part$('next').addEventListener('click', () => this.emit('nextpage'));
      watchSlot(this.root.querySelector('slot[name="filters"]'), (full) => this.part$('filters').classList.toggle('full', full));
      this.sizes = new ResizeObserver(() => this.measure());
      // Rows come, go and move while a page lives; each change lays out again, once.
      this.changes = new MutationObserver(() => this.renderSoon());
    }

    connectedCallback() {
      this.measure();
      super.connectedCallback();
      this.sizes.observe(this);
      this.changes.observe(this, { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ['listslot', 'format'] });
    }

    disconnectedCallback() {
      this.sizes.disconnect();
      this.changes.disconnect();
    }

    measure() {
      const list = this.variant === 'list' || (this.variant === 'auto' && this.clientWidth > 0 && this.clientWidth < narrow);
      if (this.list === list) return;
      this.list = list;
      this.state('list', list);
      this.layOut();
    }

    // Tells each header and cell its column: where it goes in a list, how it aligns, and what it is called.
    layOut() {
      const own = (tag) => [...this.querySelectorAll(tag)].filter((node) => node.closest('s-table') === this);
      const columns = own('s-table-header').map((header) => ({
        place: header.getAttribute('listslot') || 'labeled', format: header.getAttribute('format') || 'base', name: header.textContent.trim(),
      }));
      for (const part of [...own('s-table-header-row'), ...own('s-table-body')]) part.state?.('list', this.list);
      own('s-table-header').forEach((header, at) => header.settle?.(this.list, columns[at]));
      for (const row of own('s-table-row')) {
        row.state?.('list', this.list);
        [...row.children].filter((cell) => cell.localName === 's-table-cell').forEach((cell, at) => cell.settle?.(this.list, columns[at]));
      }
    }

    render() {
      this.measure();
      this.layOut();
      this.state('loading', this.loading);
      setAttribute(this, 'aria-busy', this.loading ? 'true' : null);
      this.part$('previous').disabled = !this.hasPreviousPage;
      this.part$('next').disabled = !this.hasNextPage;
    }
  }

  class HeaderRow extends Element {
    static styles = `
      :host { display: table-row; background: #f7f7f7; box-shadow: inset 0 -1px 0 var(--line-strong); }
      :host(:state(list)) { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
    `;

    connectedCallback() {
      give(this, 'row');
      super.connectedCallback();
    }
  }

  const cellBox = 'display: table-cell; padding: 6px 12px; text-align: start; vertical-align: middle;';

  class Header extends Element {
    static props = { listSlot: 'labeled', format: 'base' };
    static styles = `
      :host { ${cellBox} padding-block: 8px; color: var(--ink-subdued); font-weight: 450; white-space: nowrap; }
      :host(:state(end)) { text-align: end; }
    `;

    connectedCallback() {
      give(this, 'columnheader');
      super.connectedCallback();
    }

    settle(list, column) { this.state('end', column.format !== 'base'); }
  }

  class Body extends Element {
    static styles = ':host { display: table-row-group; } :host(:state(list)) { display: block; }';

    connectedCallback() {
      give(this, 'rowgroup');
      super.connectedCallback();
    }
  }

  class Row extends Element {
    static props = { clickDelegate: '' };
    static template = '<slot></slot>';
    static styles = `
      :host { display: table-row; }
      :host(:not(:first-child)) { box-shadow: inset 0 1px 0 var(--line); }
      :host(:state(delegates)) { cursor: pointer; } :host(:state(delegates):hover) { background: #f7f7f7; } :host(:state(delegates):active) { background: #f1f1f1; }
      :host(:state(list)) { display: grid; grid-template-columns: minmax(0, 1fr) auto; column-gap: 12px; row-gap: 2px; padding: 10px 16px; align-items: center; }
    `;

    setUp() {
      this.addEventListener('click', (event) => {
        const target = this.delegate;
        if (!target || event.defaultPrevented) return;
        const busy = event.composedPath().some((node) => node !== this && node.matches?.('a, button, input, select, textarea, label, s-link, s-button, s-checkbox, s-clickable, s-menu, s-popover'));
        if (busy || getSelection()?.toString()) return;
        const { ctrlKey, metaKey, shiftKey } = event;
        const inner = target.shadowRoot?.querySelector('a, button, input') ?? target;
        inner.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, composed: true, ctrlKey, metaKey, shiftKey }));
      });
    }

    get delegate() { return this.clickDelegate ? this.getRootNode().getElementById?.(this.clickDelegate) : null; }

    connectedCallback() {
      give(this, 'row');
      super.connectedCallback();
      this.closest('s-table')?.renderSoon?.();
    }

    render() { this.state('delegates', Boolean(this.clickDelegate)); }
  }

  class Cell extends Element {
    static template = '<span id="name"></span><div id="value"><slot></slot></div>';
    static styles = `
      :host { ${cellBox} block-size: 34px; }
      #name { display: none; color: var(--ink-subdued); } #value { min-inline-size: 0; }
      :host(:state(end)) { text-align: end; font-variant-numeric: tabular-nums; }
      :host(:state(list)) { display: block; block-size: auto; padding: 0; text-align: start; min-inline-size: 0; overflow-wrap: anywhere; }
      :host(:state(list):state(kicker)) { order: 1; grid-column: 1 / -1; color: var(--ink-subdued); font-size: 12px; line-height: 16px; }
      :host(:state(list):state(primary)) { order: 2; grid-column: 1; font-weight: 550; }
      :host(:state(list):state(inline)) { order: 3; grid-column: 2; }
      :host(:state(list):state(secondary)) { order: 4; grid-column: 1 / -1; color: var(--ink-subdued); }
      :host(:state(list):state(labeled)) { order: 5; grid-column: 1 / -1; display: flex; gap: 12px; justify-content: space-between; }
      :host(:state(list):state(empty)) { display: none; }
      :host(:state(list):state(labeled)) #name { display: block; flex: none; } :host(:state(list):state(bare)) #name { display: none; }
    `;

    connectedCallback() {
      give(this, 'cell');
      super.connectedCallback();
    }

    settle(list, column = { place: 'labeled', format: 'base', name: '' }) {
      this.state('list', list);
      this.state('end', column.format !== 'base');
      for (const place of places) this.state(place, column.place === place);
      this.state('bare', !column.name);
      // In a list a label without a value only takes room.
      this.state('empty', column.place === 'labeled' && !this.textContent.trim() && !this.querySelector('s-icon, s-button, s-thumbnail, s-checkbox, img'));
      setText(this.part$('name'), column.place === 'labeled' && list ? column.name : '');
    }
  }

  define('s-table', Table);
  define('s-table-header-row', HeaderRow);
  define('s-table-header', Header);
  define('s-table-body', Body);
  define('s-table-row', Row);
  define('s-table-cell', Cell);
})();
