// What the Shopify admin shows for us: its navigation, its toasts and its save bar.
import { createElement, useEffect, useRef } from 'react';

/** The app's entries in the admin's navigation. Activity is the home, which the admin shows as the app's name. */
export function AppNavigation(props: { links: readonly { href: string; name: string; home?: boolean }[] }) {
  return createElement(
    's-app-nav',
    null,
    props.links.map((link) =>
      createElement(
        's-link',
        { key: link.href, href: link.href, ...(link.home ? { rel: 'home' } : {}) },
        link.name,
      ),
    ),
  );
}

/** Says in passing that something was done. Never for what went wrong: that stays on the page. */
export function toast(message: string): void {
  globalThis.shopify.toast.show(message);
}

/**
 * The address of a record as App Bridge opens it in the admin around us; any other address as it is. Without it the
 * browser would load a second admin from scratch.
 */
export function adminHref(url: string): string {
  const path = /\/(?:store\/[^/]+|admin)\/((?:orders|products|customers|draft_orders)\/\d+.*)$/.exec(
    url,
  )?.[1];
  return path ? `shopify://admin/${path}` : url;
}

/** The address of a page of ours in the admin around us, to be sent to a colleague. */
export function linkTo(path: string): string {
  const { config, origin } = globalThis.shopify;
  const embedded = `https://${atob((config.host ?? '').replaceAll('-', '+').replaceAll('_', '/'))}`;
  // A store's admin may stand at another address than Shopify's own, as the simulated one does.
  return embedded.startsWith(`${origin}/`)
    ? `${embedded}/apps/${config.apiKey}${path}`
    : `${origin}/${config.shop}/admin/apps/${config.apiKey}${path}`;
}

/** Puts text on the clipboard and says so. Inside a frame that may not write to it, the old way is tried. */
export async function copy(text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    if (!copiedByCommand(text)) {
      toast('The browser does not allow copying here. Select the text and copy it yourself.');
      return;
    }
  }
  toast(done);
}

/** Copies by selecting a field that nobody sees. It stands beside what has the focus, which an open dialog keeps. */
function copiedByCommand(text: string): boolean {
  const focused = document.activeElement;
  const field = document.createElement('textarea');
  field.value = text;
  field.style.position = 'fixed';
  field.style.opacity = '0';
  (focused?.parentElement ?? document.body).append(field);
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}

/** The admin's bar to save or discard, while there is something unsaved. */
export function SaveBar(props: {
  id: string;
  open: boolean;
  busy: boolean;
  onSave: () => void;
  onDiscard: () => void;
}) {
  const { id, open } = props;
  useEffect(() => {
    if (!open) return;
    void globalThis.shopify.saveBar.show(id);
    return () => void globalThis.shopify.saveBar.hide(id);
  }, [id, open]);
  return createElement(
    'ui-save-bar',
    { id },
    createElement('button', {
      key: 'save',
      variant: 'primary',
      type: 'button',
      ...(props.busy ? { loading: '' } : {}),
      onClick: props.onSave,
      children: 'Save',
    }),
    createElement('button', {
      key: 'discard',
      type: 'button',
      onClick: props.onDiscard,
      children: 'Discard',
    }),
  );
}

/** Resolves when nothing is unsaved, or the person chose to leave it. */
export function leaveConfirmation(): Promise<void> {
  return globalThis.shopify.saveBar.leaveConfirmation();
}

/**
 * Follows links without loading the document anew: those of the page, and those that the admin's navigation asks for
 * with a `shopify:navigate` event. What is unsaved is asked about first.
 */
export function useAdminLinks(go: (href: string) => void): void {
  const latest = useRef(go);
  latest.current = go;
  useEffect(() => {
    let last = { href: '', at: 0 };
    const follow = async (href: string) => {
      // A link of Polaris may tell of one click twice, as a click and as a navigation.
      const now = performance.now();
      if (last.href === href && now - last.at < 50) return;
      last = { href, at: now };
      try {
        await leaveConfirmation();
      } catch {
        return; // the person chose to stay
      }
      latest.current(href);
    };
    const onNavigate = (event: Event) => {
      const href = (event.target as Element | null)?.getAttribute?.('href');
      if (href) void follow(href);
    };
    const onClick = (event: MouseEvent) => {
      const href = inside(event);
      if (href === null) return;
      event.preventDefault();
      void follow(href);
    };
    document.addEventListener('shopify:navigate', onNavigate);
    document.addEventListener('click', onClick);
    return () => {
      document.removeEventListener('shopify:navigate', onNavigate);
      document.removeEventListener('click', onClick);
    };
  }, []);
}

/** The address that a plain click asks for, where it is one of ours. */
function inside(event: MouseEvent): string | null {
  if (event.defaultPrevented || event.button !== 0) return null;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
  for (const target of event.composedPath()) {
    if (!(target instanceof Element)) continue;
    const href = target.getAttribute('href');
    if (href === null) continue;
    const where = target.getAttribute('target');
    const stays = where === null || where === 'auto' || where === '_self';
    return stays && href.startsWith('/') && !href.startsWith('//') ? href : null;
  }
  return null;
}
