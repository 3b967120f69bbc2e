// Words: s-text, s-paragraph, s-heading, s-number, s-link and the lists.
(() => {
  'use strict';
  const { Element, define, setAttribute, svg } = globalThis.polarisStandIn;

  const tones = `
    :host([color='subdued']) { color: var(--ink-subdued); }
    :host([tone='neutral']) { color: var(--ink-subdued); }
    :host([tone='info']) { color: #003a5a; } :host([tone='success']) { color: #014b40; }
    :host([tone='caution']) { color: #4f4700; } :host([tone='warning']) { color: #5e4200; }
    :host([tone='critical']) { color: #8e0b21; }
  `;
  const sizes = `
    :host([fontsize='small-200']) { font-size: 11px; line-height: 16px; }
    :host([fontsize='small-100']), :host([fontsize='small']) { font-size: 12px; line-height: 16px; }
    :host([fontsize='base']) { font-size: 13px; line-height: 20px; }
    :host([fontsize='large']), :host([fontsize='large-100']) { font-size: 14px; line-height: 20px; }
    :host([fontsize='large-200']) { font-size: 16px; line-height: 24px; }
    :host([fontsize='large-300']) { font-size: 20px; line-height: 24px; }
    :host([fontsize='large-400']) { font-size: 24px; line-height: 32px; }
  `;
  const weights = `
    :host([fontweight='base']) { font-weight: 450; } :host([fontweight='medium']) { font-weight: 550; }
    :host([fontweight='semibold']) { font-weight: 600; } :host([fontweight='bold']) { font-weight: 650; }
  `;
  const numerals = ":host([fontvariantnumeric='tabular-nums']) { font-variant-numeric: tabular-nums; }";
  const exclusive = `:host([accessibilityvisibility='exclusive']) {
    position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
  }`;
  const clamp = `:host(:state(clamped)) > #text {
    display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: var(--lines); overflow: hidden;
  }`;

  class Words extends Element {
    render() {
      this.internals.ariaHidden = this.accessibilityVisibility === 'hidden' ? 'true' : null;
      const text = this.part$('text');
      if (!text || !('lineClamp' in this)) return;
      const lines = Number(this.lineClamp);
      this.state('clamped', Number.isFinite(lines));
      text.style.setProperty('--lines', Number.isFinite(lines) ? lines : 'none');
    }
  }

  class Text extends Words {
    static props = {
      color: null, type: 'generic', tone: 'auto', fontVariantNumeric: null, fontSize: 'auto', fontWeight: 'auto',
      accessibilityVisibility: 'visible', interestFor: '',
    };
    static styles = `
      :host { display: inline; } :host([type='strong']) { font-weight: 650; } :host([type='address']) { font-style: normal; }
      :host([type='redundant']) { text-decoration: line-through; }
      ${tones} ${sizes} ${weights} ${numerals} ${exclusive}
    `;

    render() {
      super.render();
      globalThis.polarisStandIn.interest?.(this);
    }
  }

  class Paragraph extends Words {
    static props = {
      color: null, tone: null, fontSize: 'auto', fontWeight: 'auto', fontVariantNumeric: null,
      accessibilityVisibility: 'visible', lineClamp: Infinity,
    };
    static template = '<div id="text"><slot></slot></div>';
    static styles = `:host { display: block; overflow-wrap: break-word; } ${tones} ${sizes} ${weights} ${numerals} ${exclusive} ${clamp}`;

    render() {
      super.render();
      this.internals.role = 'paragraph';
    }
  }

  class NumberText extends Words {
    static props = {
      tone: 'auto', color: 'base', fontSize: 'auto', fontWeight: 'auto', accessibilityVisibility: 'visible',
    };
    static styles = `:host { display: inline; font-variant-numeric: tabular-nums; } ${tones} ${sizes} ${weights} ${exclusive}`;
  }

  class Heading extends Words {
    static props = {
      fontSize: 'auto', accessibilityRole: 'heading', accessibilityVisibility: 'visible', lineClamp: Infinity,
    };
    static template = '<div id="text"><slot></slot></div>';
    static styles = `
      :host { display: block; font-size: 13px; line-height: 20px; font-weight: 650; color: var(--ink); overflow-wrap: break-word; }
      ${sizes} ${exclusive} ${clamp}
    `;

    connectedCallback() {
      super.connectedCallback();
      let level = 2;
      for (let up = this.parentElement; up; up = up.parentElement) if (up.localName === 's-section') level++;
      this.level = Math.min(level, 6);
      this.render();
    }

    render() {
      super.render();
      const named = this.accessibilityRole === 'heading';
      this.internals.role = named ? 'heading' : 'presentation';
      this.internals.ariaLevel = named ? String(this.level ?? 2) : null;
      if (!this.hasAttribute('role') && named) {
        this.setAttribute('role', 'heading');
        this.setAttribute('aria-level', String(this.level ?? 2));
      }
    }
  }

  class Link extends Element {
    static props = {
      tone: 'auto', accessibilityLabel: '', interestFor: '', download: null, target: 'auto', commandFor: '',
      command: '--auto', href: '',
    };
    static events = ['click'];
    static focusable = true;
    static template = `<a id="link"><span class="back">${svg('arrow-left')}</span><span id="words"><slot></slot></span></a>`;
    static styles = `
      :host { display: inline; }
      a { color: var(--link); text-decoration: none; cursor: pointer; border-radius: 4px; outline: none; overflow-wrap: anywhere; }
      a:hover { text-decoration: underline; color: #004299; }
      a:focus-visible { outline: 2px solid var(--focus); outline-offset: 1px; }
      :host([tone='critical']) a { color: #8e0b21; } :host([tone='neutral']) a { color: inherit; text-decoration: underline; }
      :host(:state(quiet)) a { color: inherit; } :host(:state(quiet)) a:hover { text-decoration: none; }
      :host(:state(back)) a { display: grid; place-items: center; inline-size: 28px; block-size: 28px; border-radius: 8px; color: #4a4a4a; }
      :host(:state(back)) a:hover { background: rgba(0, 0, 0, .06); }
      .back { display: none; } :host(:state(back)) .back { display: flex; }
      :host(:state(back)) #words { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
    `;

    setUp() {
      this.link = this.part$('link');
      this.link.addEventListener('click', (event) => {
        if (!this.href) event.preventDefault();
        globalThis.polarisStandIn.command?.(this);
      });
    }

    connectedCallback() {
      // A row that is one big link reads as text, like the admin's own lists; the row shows that it can be clicked.
      const row = this.closest('s-table-row');
      this.state('back', this.slot === 'breadcrumb-actions' && this.parentElement?.localName === 's-page');
      this.state('quiet', Boolean(row && row.getAttribute('clickdelegate') === this.id && this.id));
      super.connectedCallback();
    }

    render() {
      setAttribute(this.link, 'href', this.href || (this.commandFor ? '#' : null));
      setAttribute(this.link, 'target', this.target === 'auto' ? null : this.target);
      setAttribute(this.link, 'rel', this.target === '_blank' ? 'noopener' : null);
      if (this.download !== null && this.hasAttribute('download')) this.link.setAttribute('download', this.download);
      else this.link.removeAttribute('download');
      setAttribute(this.link, 'aria-label', this.accessibilityLabel);
      globalThis.polarisStandIn.interest?.(this);
    }

    click() { this.link.click(); }
  }

  class List extends Element {
    static styles = `
      :host { display: block; padding-inline-start: 20px; }
      :host(s-unordered-list) { list-style: disc; } :host(s-ordered-list) { list-style: decimal; }
    `;

    render() { this.internals.role = 'list'; }
  }

  class ListItem extends Element {
    static styles = ':host { display: list-item; margin-block-end: 4px; } :host(:last-child) { margin-block-end: 0; }';

    render() { this.internals.role = 'listitem'; }
  }

  define('s-text', Text);
  define('s-paragraph', Paragraph);
  define('s-number', NumberText);
  define('s-heading', Heading);
  define('s-link', Link);
  define('s-unordered-list', class extends List {});
  define('s-ordered-list', class extends List {});
  define('s-list-item', ListItem);
})();
