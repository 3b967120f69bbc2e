// The short messages at the bottom of the admin.
import { at, h, icon } from './dom.js';

const shown = new Map();
let count = 0;

export function hideToast(id) {
  const entry = shown.get(id);
  if (!entry) return;
  clearTimeout(entry.timer);
  entry.element.remove();
  shown.delete(id);
}

// Shows a message for a while (5 seconds unless told, milliseconds) and gives back its id.
export function toast(message, { id = `admin-${++count}`, duration = 5000, isError = false, action, onAction, onDismiss } = {}) {
  hideToast(id);
  const element = h(
    'div',
    { class: isError ? 'toast wrong' : 'toast' },
    h('span', {}, message),
    action ? h('button', { type: 'button', class: 'act', onclick: () => { onAction?.(); hideToast(id); } }, action) : null,
    h('button', { type: 'button', 'aria-label': 'Dismiss', onclick: () => { onDismiss?.(); hideToast(id); } }, icon('x')),
  );
  at('toasts').append(element);
  shown.set(id, { element, timer: setTimeout(() => hideToast(id), duration) });
  while (shown.size > 3) hideToast(shown.keys().next().value);
  return id;
}
