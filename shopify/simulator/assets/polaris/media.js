// Pictures: s-thumbnail, s-avatar and s-image.
(() => {
  'use strict';
  const { Element, define, setText, setAttribute, svg, Rules, radius, bothSides } = globalThis.polarisStandIn;

  const sizes = {
    'small-200': 24, 'small-100': 32, small: 32, base: 40, large: 60, 'large-100': 80, 'large-200': 96,
  };

  class Picture extends Element {
    static events = ['load', 'error'];
    static slots = [];

    setUp() {
      this.image = this.part$('image');
      for (const type of ['load', 'error']) {
        this.image.addEventListener(type, () => {
          this.state('shown', type === 'load');
          this.emit(type);
        });
      }
    }

    show() {
      if (this.src && this.image.getAttribute('src') !== this.src) this.image.src = this.src;
      if (!this.src) this.image.removeAttribute('src');
      this.image.alt = this.alt ?? '';
      setAttribute(this.image, 'hidden', !this.src);
    }
  }

  class Thumbnail extends Picture {
    static props = { size: 'base', src: '', alt: '' };
    static template = `<div id="frame">${svg('image')}<img id="image" hidden></div>`;
    static styles = `
      :host { display: inline-block; vertical-align: middle; flex: none; }
      #frame { display: grid; place-items: center; inline-size: var(--side, 40px); block-size: var(--side, 40px); border-radius: 8px; background: #fff; color: #8a8a8a; overflow: hidden; position: relative; box-shadow: inset 0 0 0 1px #e3e3e3; }
      img { position: absolute; inset: 0; inline-size: 100%; block-size: 100%; object-fit: contain; background: #fff; } img[hidden] { display: none; }
    `;

    render() {
      this.part$('frame').style.setProperty('--side', `${sizes[this.size] ?? 40}px`);
      this.show();
    }
  }

  const grounds = [['#d5ebff', '#003a5a'], ['#affebf', '#014b40'], ['#ffeb78', '#4f4700'], ['#f3d9ff', '#4a148c'], ['#ffd6a4', '#5e4200']];

  class Avatar extends Picture {
    static props = { size: 'base', alt: '', src: '', initials: '' };
    static template = `<div id="frame"><span id="initials"></span>${svg('person')}<img id="image" hidden></div>`;
    static styles = `
      :host { display: inline-block; vertical-align: middle; flex: none; }
      #frame { display: grid; place-items: center; inline-size: var(--side); block-size: var(--side); border-radius: 8px; overflow: hidden; position: relative; font: 600 calc(var(--side) * .36)/1 var(--font); }
      img { position: absolute; inset: 0; inline-size: 100%; block-size: 100%; object-fit: cover; } img[hidden] { display: none; }
      #initials:empty { display: none; } #initials:not(:empty) + svg { display: none; }
    `;

    render() {
      const frame = this.part$('frame');
      const sum = [...this.initials].reduce((total, letter) => total + letter.codePointAt(0), 0);
      const [ground, ink] = grounds[sum % grounds.length];
      frame.style.setProperty('--side', `${Math.round((sizes[this.size] ?? 40) * 0.8)}px`);
      frame.style.background = ground;
      frame.style.color = ink;
      setText(this.part$('initials'), this.initials.slice(0, 2).toUpperCase());
      this.internals.role = 'img';
      this.internals.ariaLabel = this.alt || this.initials || null;
      this.show();
    }
  }

  class Image extends Picture {
    static props = {
      loading: 'eager', accessibilityRole: 'img', inlineSize: 'fill', aspectRatio: '1/1', objectFit: 'contain', src: '', alt: '',
      srcSet: '', sizes: '', border: 'none', borderColor: '', borderRadius: 'none', borderStyle: '', borderWidth: '',
    };
    static template = '<style id="own"></style><img id="image" hidden>';
    static styles = ':host { display: block; } img { display: block; inline-size: 100%; block-size: auto; } img[hidden] { display: none; }';

    render() {
      const rules = new Rules();
      rules.add('aspect-ratio', this.aspectRatio);
      rules.add('object-fit', this.objectFit);
      rules.add('inline-size', this.inlineSize === 'auto' ? 'auto' : '100%');
      rules.add('border-radius', this.borderRadius, (value) => radius[value] ?? value);
      if (this.border !== 'none') rules.add('border', '1px solid #e3e3e3');
      this.part$('own').textContent = bothSides(rules.toString()).replaceAll(':host', 'img');
      this.image.loading = this.loading;
      setAttribute(this.image, 'srcset', this.srcSet);
      setAttribute(this.image, 'sizes', this.sizes);
      setAttribute(this.image, 'role', this.accessibilityRole === 'img' ? null : 'presentation');
      this.show();
    }
  }

  define('s-thumbnail', Thumbnail);
  define('s-avatar', Avatar);
  define('s-image', Image);
})();
