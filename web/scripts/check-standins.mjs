// Holds the stand-ins to Shopify's own manifest: every tag, property, slot and event they offer must be one that the
// real components have. Names what is not, and ends with 1.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';

const assets = new URL('../../shopify/simulator/assets/', import.meta.url);
const require = createRequire(import.meta.url);
const manifest = JSON.parse(readFileSync(require.resolve('@shopify/polaris-types/custom-elements'), 'utf8'));

// What App Bridge adds to s-page beyond the components' own manifest (SPageChildren of @shopify/app-bridge-types).
const bridgeSlots = { 's-page': ['accessory'] };
// What every element has by the platform, whether a manifest lists it or not.
const platform = new Set(['id', 'lang', 'dir', 'hidden', 'slot', 'class', 'style', 'title']);
// Named text that the types offer where the manifest leaves it out (ChoiceList.values, Select.value and the like).
const formParts = new Set([
  'form',
  'validity',
  'validationMessage',
  'willValidate',
  'checkValidity',
  'reportValidity',
  'formAssociated',
]);

const known = new Map();
for (const { declarations = [] } of manifest.modules) {
  for (const declaration of declarations) {
    if (!declaration.tagName) continue;
    const names = (list = []) => list.flatMap(({ name, fieldName }) => [name, fieldName]).filter(Boolean);
    known.set(declaration.tagName, {
      attributes: new Set(names(declaration.attributes).map((name) => name.toLowerCase())),
      properties: new Set(
        [...names(declaration.attributes), ...names(declaration.members)].map((name) => name.toLowerCase()),
      ),
      slots: new Set([...names(declaration.slots), '', ...(bridgeSlots[declaration.tagName] ?? [])]),
      events: new Set(names(declaration.events)),
    });
  }
}

// Just enough of a browser to let the scripts define their elements; nothing is ever drawn.
function load() {
  const defined = new Map();
  class HTMLElement {}
  const node = () => ({ append() {}, set innerHTML(_) {}, content: { firstChild: null } });
  const context = vm.createContext({
    HTMLElement,
    CSSStyleSheet: class {
      replaceSync() {}
    },
    customElements: { define: (tag, kind) => defined.set(tag, kind), get: (tag) => defined.get(tag) },
    document: { createElement: node },
    Intl,
    Date,
    console,
    WeakMap,
    Map,
    Set,
    URL,
    Node: { ELEMENT_NODE: 1 },
  });
  context.globalThis = context;
  const loader = readFileSync(new URL('polaris.js', assets), 'utf8');
  const [, list] = /const parts = \[([^\]]+)\]/.exec(loader);
  for (const [, part] of list.matchAll(/'([\w-]+)'/g)) {
    const file = new URL(`polaris/${part}.js`, assets);
    vm.runInContext(readFileSync(file, 'utf8'), context, { filename: fileURLToPath(file) });
  }
  return defined;
}

// The public properties that a class offers itself: accessors, not the methods it works with.
function accessorsOf(kind) {
  const found = new Set();
  for (
    let proto = kind.prototype;
    proto && proto.constructor.name !== 'HTMLElement';
    proto = Object.getPrototypeOf(proto)
  ) {
    for (const [name, { set }] of Object.entries(Object.getOwnPropertyDescriptors(proto)))
      if (set) found.add(name);
  }
  return found;
}

function wrongsOf(tag, kind) {
  const real = known.get(tag);
  if (!real) return [`<${tag}> is not an element of Polaris`];
  const wrongs = [];
  const say = (what, name) => wrongs.push(`<${tag}> has no ${what} "${name}"`);
  for (const name of kind.observedAttributes)
    if (!real.attributes.has(name) && !platform.has(name)) say('attribute', name);
  for (const name of accessorsOf(kind)) {
    const event = name.startsWith('on') && real.events.has(name.slice(2));
    if (!real.properties.has(name.toLowerCase()) && !platform.has(name) && !formParts.has(name) && !event)
      say('property', name);
  }
  for (const name of kind.events) if (!real.events.has(name)) say('event', name);
  const drawn = [...kind.template.matchAll(/<slot(?:\s[^>]*?name="([^"]+)")?[^>]*>/g)].map(
    ([, name]) => name ?? '',
  );
  for (const name of drawn) {
    if (!real.slots.has(name)) say('slot', name);
    if (!kind.slots.includes(name)) wrongs.push(`<${tag}> draws a slot "${name}" that it does not declare`);
  }
  for (const name of kind.slots)
    if (!drawn.includes(name)) wrongs.push(`<${tag}> declares a slot "${name}" that it does not draw`);
  return wrongs;
}

const defined = load();
const wrongs = [...defined].flatMap(([tag, kind]) => wrongsOf(tag, kind));
for (const wrong of wrongs) console.error(wrong);
const missing = [...known.keys()].filter((tag) => !defined.has(tag));
console.log(
  `${defined.size} of ${known.size} elements stand in${missing.length ? `; without a stand-in: ${missing.join(', ')}` : ''}.`,
);
process.exit(wrongs.length ? 1 : 0);
