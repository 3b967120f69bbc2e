import { useEffect, useEffectEvent } from 'react';

/**
 * Calls what belongs to a key, wherever the focus is. Not while something is typed or an overlay is open, and not with
 * a key held that makes it a command of the browser.
 */
export function useKeys(keys: Readonly<Record<string, () => void>>): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
    if (!act || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTaken(event.composedPath()[0])) return;
    event.preventDefault();
    act();
  });
  useEffect(() => {
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}

/** True for a place that takes letters itself. */
function isTaken(target: EventTarget | undefined): boolean {
  if (!(target instanceof Element)) return false;
  if (target instanceof HTMLElement && target.isContentEditable) return true;
  const within = target.getRootNode();
  const host = within instanceof ShadowRoot ? within.host : target;
  return (
    target.matches('input, textarea, select, dialog, dialog *') || host.closest('s-modal, s-popover') !== null
  );
}

/** Moves the focus to the next or the previous of some links: to the first where none of them has it. */
export function stepThrough(links: readonly HTMLElement[], by: 1 | -1): void {
  const at = links.indexOf(document.activeElement as HTMLElement);
  const to = at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + by));
  links[to]?.focus();
}
