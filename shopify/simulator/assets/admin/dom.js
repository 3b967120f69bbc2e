// Small helpers for making elements by hand.

export const at = (id) => document.getElementById(id);

// Makes an element; a property that the element knows is set as one, anything else as an attribute.
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false && child !== ''));
  return element;
}

export function icon(type) {
  const holder = document.createElement('template');
  holder.innerHTML = globalThis.polarisStandIn.svg(type);
  return holder.content.firstChild;
}

export const initialsOf = (name) => name.split(/\s+/).filter(Boolean).slice(0, 2).map((word) => word[0]).join('').toUpperCase();

const faces = [['#affebf', '#014b40'], ['#d5ebff', '#003a5a'], ['#ffd6a4', '#5e4200'], ['#f3d9ff', '#4a148c'], ['#ffeb78', '#4f4700']];

// The same name always has the same colours.
export const faceOf = (name) => faces[[...name].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % faces.length];
