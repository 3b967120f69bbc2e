// Taking files: s-drop-zone.
(() => {
  'use strict';
  const { define, setText, setAttribute, svg, Field, fieldProps } = globalThis.polarisStandIn;

  // True where a file is of a kind that the zone takes: a type, a family of types, or an ending of names.
  const fits = (file, accept) => {
    const kinds = accept.split(',').map((kind) => kind.trim().toLowerCase()).filter(Boolean);
    const name = file.name.toLowerCase();
    return kinds.length === 0 || kinds.some((kind) => (
      kind.startsWith('.') ? name.endsWith(kind) : kind.endsWith('/*') ? file.type.startsWith(kind.slice(0, -1)) : file.type === kind
    ));
  };

  class DropZone extends Field {
    static props = {
      accessibilityLabel: '', multiple: false, accept: '', disabled: false, error: null, label: null, required: false, name: '',
      labelAccessibilityVisibility: 'visible',
    };
    static events = ['change', 'input', 'droprejected'];
    static slots = [];
    static template = `
      <label id="label" for="control"></label>
      <div id="zone"><input id="control" type="file"><span id="button">${svg('upload')}<span id="words"></span></span><span id="hint">or drop it here</span></div>
      <div id="error" role="alert">${svg('alert-circle')}<span id="error-text"></span></div><div id="details"><span id="details-text"></span></div>
    `;
    static styles = `
      :host { display: block; font: 450 13px/20px var(--font); color: var(--ink); min-inline-size: 0; }
      #label { display: block; margin-block-end: 4px; } #label:empty { display: none; }
      #zone { position: relative; display: flex; flex-wrap: wrap; align-items: center; justify-content: center; gap: 8px; min-block-size: 88px; padding: 16px; border: 1px dashed #8a8a8a; border-radius: 8px; background: #fdfdfd; }
      #zone:hover { background: #fafafa; } :host(:state(over)) #zone { background: #f1f1f1; border-style: solid; }
      #control { position: absolute; inset: 0; inline-size: 100%; opacity: 0; cursor: pointer; } #control:disabled { cursor: default; }
      #zone:has(#control:focus-visible) { outline: 2px solid var(--focus); outline-offset: 1px; }
      #button { display: inline-flex; align-items: center; gap: 4px; padding: 4px 12px 4px 8px; border-radius: 8px; background: #e3e3e3; font-weight: 550; font-size: 12px; line-height: 20px; } #button svg { display: block; }
      #hint { color: var(--ink-subdued); }
      #error { display: none; gap: 4px; align-items: flex-start; margin-block-start: 4px; color: var(--critical-ink); } :host(:state(invalid)) #error { display: flex; } #error svg { display: block; flex: none; }
      :host(:state(invalid)) #zone { background: var(--critical-ground); border-color: var(--critical-ink); } #details { display: none; }
    `;

    setUp() {
      super.setUp();
      this.chosen = [];
      this.control.addEventListener('input', (event) => event.stopPropagation());
      this.control.addEventListener('change', (event) => {
        event.stopPropagation();
        this.take([...this.control.files]);
        this.control.value = ''; // so that the same file can be chosen again once it was mended
      });
      const zone = this.part$('zone');
      for (const type of ['dragenter', 'dragover']) {
        zone.addEventListener(type, (event) => {
          event.preventDefault();
          this.state('over', !this.disabled);
        });
      }
      zone.addEventListener('dragleave', () => this.state('over', false));
      zone.addEventListener('drop', (event) => {
        event.preventDefault();
        this.state('over', false);
        if (!this.disabled) this.take([...event.dataTransfer.files]);
      });
    }

    get files() { return this.chosen; }
    get value() { return this.chosen[0]?.name ?? ''; }
    set value(value) {
      if (value) throw new Error('A drop zone can only be emptied.');
      this.chosen = [];
      this.validate();
    }

    take(files) {
      const fitting = files.filter((file) => fits(file, this.accept));
      if (fitting.length < files.length) this.emit('droprejected');
      if (fitting.length === 0) return;
      this.chosen = this.multiple ? fitting : fitting.slice(0, 1);
      this.emit('input', { bubbles: true, composed: true });
      this.emit('change', { bubbles: true });
    }

    render() {
      super.render();
      this.control.multiple = this.multiple;
      setAttribute(this.control, 'accept', this.accept);
      setAttribute(this.control, 'aria-label', this.accessibilityLabel);
      setText(this.part$('words'), this.multiple ? 'Add files' : 'Add file');
    }
  }

  define('s-drop-zone', DropZone);
})();
