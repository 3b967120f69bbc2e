// Boxes: s-box, s-stack, s-grid, s-grid-item, s-scroll-box, s-divider and s-query-container.
(() => {
  'use strict';
  const { Element, define, setAttribute, bothSides } = globalThis.polarisStandIn;

  const space = {
    none: '0', 'small-500': '2px', 'small-400': '4px', 'small-300': '6px', 'small-200': '8px', 'small-100': '12px',
    small: '12px', base: '16px', large: '20px', 'large-100': '20px', 'large-200': '24px', 'large-300': '32px',
    'large-400': '40px', 'large-500': '48px',
  };
  const radius = {
    none: '0', 'small-200': '2px', 'small-100': '4px', small: '4px', base: '8px', large: '12px', 'large-100': '12px',
    'large-200': '16px', max: '9999px',
  };
  const width = { none: '0', 'small-100': '0.66px', small: '0.66px', base: '1px', large: '2px', 'large-100': '2px' };
  const lineColour = { subdued: '#ebebeb', base: '#e3e3e3', strong: '#8a8a8a' };
  const ground = { transparent: 'transparent', subdued: '#f7f7f7', base: '#ffffff', strong: '#f1f1f1' };
  const roles = {
    main: 'main', header: 'banner', footer: 'contentinfo', section: 'region', region: 'region', aside: 'complementary',
    navigation: 'navigation', 'ordered-list': 'list', 'unordered-list': 'list', 'list-item': 'listitem',
    'list-item-separator': 'separator', separator: 'separator', status: 'status', alert: 'alert',
  };

  const words = (table) => (value) => String(value).trim().split(/\s+/).map((word) => table[word] ?? word).join(' ');
  const spaces = words(space);
  const plain = (value) => value;

  // Splits "@container (inline-size > 500px) a, b" into its condition and the two values.
  const split = (value) => {
    const found = /^@container\s+(?:[\w-]+\s+)?((?:not\s+|and\s+|or\s+|\([^)]*\)\s*)+)(.*)$/s.exec(value.trim());
    if (!found) return { otherwise: value };
    let depth = 0;
    for (let at = 0; at < found[2].length; at++) {
      const letter = found[2][at];
      if (letter === '(') depth++;
      if (letter === ')') depth--;
      if (letter === ',' && depth === 0) {
        return { when: found[1].trim(), then: found[2].slice(0, at).trim(), otherwise: found[2].slice(at + 1).trim() };
      }
    }
    return { when: found[1].trim(), then: found[2].trim(), otherwise: '' };
  };

  // Collects the declarations of one element; a responsive value becomes a container query of its own.
  class Rules {
    constructor() { this.base = []; this.queries = []; }

    add(property, value, turn = plain) {
      if (value === '' || value === null || value === undefined) return;
      const { when, then, otherwise } = split(String(value));
      if (otherwise) this.base.push(`${property}: ${turn(otherwise)}`);
      if (when) this.queries.push(`@container ${when} { :host { ${property}: ${turn(then)} } }`);
    }

    toString() { return `:host { ${this.base.join('; ')} }\n${this.queries.join('\n')}`; }
  }

  const boxProps = {
    background: 'transparent', border: 'none', borderWidth: '', borderStyle: '', borderColor: '', borderRadius: 'none',
    padding: 'none', paddingBlock: '', paddingBlockStart: '', paddingBlockEnd: '', paddingInline: '',
    paddingInlineStart: '', paddingInlineEnd: '', display: 'auto', blockSize: 'auto', minBlockSize: '0',
    maxBlockSize: 'none', inlineSize: 'auto', minInlineSize: '0', maxInlineSize: 'none',
    accessibilityVisibility: 'visible', accessibilityRole: 'generic', accessibilityLabel: '', overflow: 'visible',
  };

  const addBorder = (rules, element) => {
    const [size = 'none', colour = 'base', style = 'solid'] = element.border.split(/\s+/);
    if (size === 'none' && !element.borderWidth) return;
    rules.add('border-width', element.borderWidth || size, words(width));
    rules.add('border-color', element.borderColor || colour, words(lineColour));
    rules.add('border-style', (element.borderStyle || style).replaceAll('auto', 'solid'));
  };

  const addBox = (rules, element) => {
    rules.add('background', ground[element.background] ?? 'transparent');
    addBorder(rules, element);
    if (element.borderRadius !== 'none') rules.add('border-radius', element.borderRadius, words(radius));
    rules.add('padding', element.padding, spaces);
    rules.add('padding-block', element.paddingBlock, spaces);
    rules.add('padding-block-start', element.paddingBlockStart, spaces);
    rules.add('padding-block-end', element.paddingBlockEnd, spaces);
    rules.add('padding-inline', element.paddingInline, spaces);
    rules.add('padding-inline-start', element.paddingInlineStart, spaces);
    rules.add('padding-inline-end', element.paddingInlineEnd, spaces);
    rules.add('block-size', element.blockSize);
    rules.add('min-block-size', element.minBlockSize);
    rules.add('max-block-size', element.maxBlockSize);
    rules.add('inline-size', element.inlineSize);
    rules.add('min-inline-size', element.minInlineSize);
    rules.add('max-inline-size', element.maxInlineSize);
    if (element.overflow !== 'visible') rules.add('overflow', element.overflow);
    if (element.display !== 'auto') rules.add('display', element.display, (value) => (value === 'auto' ? 'revert-layer' : value));
  };

  const addVoice = (element) => {
    if (!element.hasAttribute('role')) element.internals.role = roles[element.accessibilityRole] ?? null;
    element.internals.ariaLabel = element.accessibilityLabel || null;
    element.internals.ariaHidden = element.accessibilityVisibility === 'hidden' ? 'true' : null;
    element.state('exclusive', element.accessibilityVisibility === 'exclusive');
  };

  const hushed = ':host(:state(exclusive)) { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }';

  class Box extends Element {
    static props = boxProps;
    static template = '<style id="own"></style><slot></slot>';
    static styles = `@layer rest { :host { display: block; } } ${hushed}`;

    rules(rules) { addBox(rules, this); }

    render() {
      const rules = new Rules();
      this.rules(rules);
      const css = bothSides(rules.toString());
      const own = this.part$('own');
      if (own.textContent !== css) own.textContent = css;
      addVoice(this);
    }
  }

  class Stack extends Box {
    static props = {
      ...boxProps, justifyContent: 'normal', alignItems: 'normal', alignContent: 'normal', gap: 'none', rowGap: '',
      columnGap: '', direction: 'block',
    };
    static styles = `@layer rest { :host { display: flex; flex-wrap: nowrap; } } ${hushed}
      ::slotted(*) { min-inline-size: 0; }`;

    rules(rules) {
      addBox(rules, this);
      rules.add('flex-direction', this.direction, (value) => (value === 'inline' ? 'row' : 'column'));
      rules.add('flex-wrap', this.direction, (value) => (value === 'inline' ? 'wrap' : 'nowrap'));
      rules.add('justify-content', this.justifyContent);
      rules.add('align-items', this.alignItems);
      rules.add('align-content', this.alignContent);
      rules.add('gap', this.gap, spaces);
      rules.add('row-gap', this.rowGap, spaces);
      rules.add('column-gap', this.columnGap, spaces);
    }
  }

  class Grid extends Box {
    static props = {
      ...boxProps, alignItems: '', justifyItems: '', placeItems: 'normal normal', alignContent: '', justifyContent: '',
      placeContent: 'normal normal', gap: 'none', rowGap: '', columnGap: '', gridTemplateColumns: 'none',
      gridTemplateRows: 'none',
    };
    static styles = `@layer rest { :host { display: grid; } } ${hushed} ::slotted(*) { min-inline-size: 0; }`;

    rules(rules) {
      addBox(rules, this);
      rules.add('place-items', this.placeItems);
      rules.add('align-items', this.alignItems);
      rules.add('justify-items', this.justifyItems);
      rules.add('place-content', this.placeContent);
      rules.add('align-content', this.alignContent);
      rules.add('justify-content', this.justifyContent);
      rules.add('gap', this.gap, spaces);
      rules.add('row-gap', this.rowGap, spaces);
      rules.add('column-gap', this.columnGap, spaces);
      rules.add('grid-template-columns', this.gridTemplateColumns);
      rules.add('grid-template-rows', this.gridTemplateRows);
    }
  }

  class GridItem extends Box {
    static props = { ...boxProps, gridColumn: 'auto', gridRow: 'auto' };

    rules(rules) {
      addBox(rules, this);
      rules.add('grid-column', this.gridColumn);
      rules.add('grid-row', this.gridRow);
    }
  }

  class ScrollBox extends Box {
    static props = {
      ...boxProps, overflow: 'auto', snapType: 'none', scrollPadding: 'base', scrollMargin: '0',
    };
    static events = ['scroll', 'scrolltoedge'];

    setUp() {
      this.addEventListener('scroll', () => {
        const low = this.scrollTop + this.clientHeight >= this.scrollHeight - 1;
        const far = this.scrollLeft + this.clientWidth >= this.scrollWidth - 1;
        if (low || far || this.scrollTop === 0) this.emit('scrolltoedge');
      });
    }

    rules(rules) {
      addBox(rules, this);
      rules.add('overflow', this.overflow);
      rules.add('scroll-padding', this.scrollPadding, spaces);
      rules.add('scroll-snap-type', this.snapType === 'none' ? '' : `both ${this.snapType}`);
    }
  }

  class Divider extends Element {
    static props = { direction: 'inline', color: 'base' };
    static slots = [];
    static template = '';
    static styles = `
      :host { display: block; background: var(--line); block-size: 1px; inline-size: 100%; flex: none; }
      :host([color='strong']) { background: #8a8a8a; }
      :host([direction='block']) { inline-size: 1px; block-size: auto; align-self: stretch; min-block-size: 100%; }
    `;

    render() { this.internals.role = 'separator'; }
  }

  class QueryContainer extends Element {
    static props = { containerName: '' };
    static template = '<style id="own"></style><slot></slot>';
    static styles = ':host { display: block; container-type: inline-size; }';

    render() {
      const name = this.containerName.replace(/[^\w-]/g, '');
      this.part$('own').textContent = `:host { container-name: s-default ${name}; }`;
    }
  }

  define('s-box', Box);
  define('s-stack', Stack);
  define('s-grid', Grid);
  define('s-grid-item', GridItem);
  define('s-scroll-box', ScrollBox);
  define('s-divider', Divider);
  define('s-query-container', QueryContainer);
  Object.assign(globalThis.polarisStandIn, { Box, boxProps, addBox, Rules, radius, space, setAttribute });
})();
