// Stands in for Shopify's Polaris web components where Shopify's CDN is out of reach: the demo and the tests.
//
// Like the real script it is an ordinary, parser-blocking script, so that every element is defined before a
// page's own code runs. The parts are ordinary scripts too: a page served from another origin may load them
// without any cross-origin permission.
(() => {
  'use strict';

  const parts = [
    'base', 'icons', 'box', 'text', 'page', 'actions', 'feedback', 'fields', 'select',
    'choices', 'files', 'overlays', 'calendar', 'dates', 'table', 'media',
  ];
  const here = document.currentScript?.src ?? '';
  const address = (file) => new URL(file, here || location.href).href;

  // What an element's shadow cannot carry: the font, the page's ground, and nothing shown half-made.
  const global = document.createElement('style');
  global.textContent = `
    @font-face {
      font-family: 'Inter Variable'; font-style: normal; font-display: swap; font-weight: 100 900;
      src: url('${address('fonts/inter-latin.woff2')}') format('woff2');
    }
    :where(html) { color-scheme: light dark; background: light-dark(#f1f1f1, #0f0f0f); }
    :where(body) {
      margin: 0; color: light-dark(#303030, #e3e3e3); background: light-dark(#f1f1f1, #0f0f0f);
      font: 450 13px/20px 'Inter Variable', Inter, -apple-system, BlinkMacSystemFont, 'Segoe UI', sans-serif;
      -webkit-font-smoothing: antialiased;
    }
    s-page:not(:defined), s-section:not(:defined), s-modal:not(:defined), s-popover:not(:defined),
    s-menu:not(:defined), s-tooltip:not(:defined) { visibility: hidden; }
    s-app-nav { display: none; }
  `;
  document.head.append(global);

  for (const part of parts) {
    const source = address(`polaris/${part}.js`);
    if (document.readyState === 'loading' && document.currentScript && !document.currentScript.async) {
      document.write(`<script src="${source}"><\/script>`);
    } else {
      const script = document.createElement('script');
      script.src = source;
      script.async = false;
      document.head.append(script);
    }
  }
})();
