// Holds src/ui to Polaris's own manifest: every s-* tag, attribute, slot, event and fixed value that our components
// use must be one that the manifest of @shopify/polaris-types knows, and no other folder may name an s-* element.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';

const require = createRequire(import.meta.url);
const src = fileURLToPath(new URL('../src/', import.meta.url));
// What every element has in HTML or React, and Polaris does not have to say.
const everywhere = new Set(['id', 'class', 'slot', 'key', 'ref', 'children']);

const elements = new Map();
for (const module of JSON.parse(readFileSync(require.resolve('@shopify/polaris-types/custom-elements')))
  .modules) {
  for (const one of module.declarations ?? []) {
    if (!one.tagName) continue;
    elements.set(one.tagName, {
      attributes: new Map(
        (one.attributes ?? []).map((attribute) => [attribute.name, values(attribute.type?.text)]),
      ),
      events: new Set((one.events ?? []).map((event) => event.name)),
      slots: new Set((one.slots ?? []).map((slot) => slot.name)),
    });
  }
}
const slots = new Set([...elements.values()].flatMap((element) => [...element.slots]));

/** The values of an attribute that takes only fixed ones; null where it takes any. */
function values(type) {
  const parts = (type ?? '').split('|').map((part) => part.trim());
  return parts.length > 0 && parts.every((part) => /^"[^"]*"$/.test(part))
    ? new Set(parts.map((part) => part.slice(1, -1)))
    : null;
}

const problems = [];
let checked = 0;

for (const file of files(src)) {
  const name = file.slice(src.length);
  const text = readFileSync(file, 'utf8');
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${name}: ${errors[0].message}`);
  const line = (node) => text.slice(0, node.start).split('\n').length;
  const report = (node, message) => problems.push(`src/${name}:${line(node)}: ${message}`);
  walk(program, [], (node, parents) => {
    if (node.type !== 'JSXOpeningElement' || node.name.type !== 'JSXIdentifier') return;
    const tag = node.name.name;
    if (!tag.startsWith('s-')) {
      if (name.startsWith('ui/')) checkSlot(node, parents, report);
      return;
    }
    checked += 1;
    if (!name.startsWith('ui/')) return report(node, `<${tag}> is used outside of src/ui`);
    const element = elements.get(tag);
    if (!element) return report(node, `<${tag}> is not in the manifest`);
    for (const attribute of attributesOf(node, program, report)) {
      checkAttribute(tag, element, attribute, (message) => report(node, message));
    }
    checkSlot(node, parents, report);
  });
}

/** The attributes of an element, those of spread objects that this file makes included. */
function attributesOf(node, program, report) {
  return node.attributes.flatMap((attribute) => {
    if (attribute.type === 'JSXAttribute') {
      const value =
        attribute.value?.type === 'Literal' ? attribute.value.value : fixed(attribute.value?.expression);
      return [{ name: attribute.name.name, values: [value].flat() }];
    }
    const source = sourceOf(attribute.argument, program);
    if (!source) {
      report(node, 'an attribute is spread from where this check cannot follow');
      return [];
    }
    const found = [];
    walk(source, [], (inner) => {
      if (inner.type !== 'ObjectExpression') return;
      for (const property of inner.properties) {
        found.push({ name: property.key.name ?? property.key.value, values: [fixed(property.value)].flat() });
      }
    });
    return found;
  });
}

/** The function or the variable whose objects are spread. */
function sourceOf(argument, program) {
  const wanted = argument.type === 'CallExpression' ? argument.callee.name : argument.name;
  let found;
  walk(program, [], (node) => {
    if (node.type === 'FunctionDeclaration' && node.id?.name === wanted) found = node.body;
    if (node.type === 'VariableDeclarator' && node.id.name === wanted) found = node.init;
  });
  return found;
}

/** The texts that an expression is known to give. */
function fixed(expression) {
  switch (expression?.type) {
    case 'Literal':
      return typeof expression.value === 'string' ? [expression.value] : [];
    case 'ConditionalExpression':
      return [...fixed(expression.consequent), ...fixed(expression.alternate)];
    case 'LogicalExpression':
      return fixed(expression.right);
    default:
      return [];
  }
}

function checkAttribute(tag, element, attribute, report) {
  const { name } = attribute;
  if (everywhere.has(name)) return;
  if (name.startsWith('on')) {
    if (name !== name.toLowerCase())
      report(`<${tag} ${name}>: React hears events of elements by lower-case names`);
    else if (!element.events.has(name.slice(2))) report(`<${tag}> has no event ${name.slice(2)}`);
    return;
  }
  const known = element.attributes.get(name.toLowerCase());
  if (known === undefined) report(`<${tag}> has no attribute ${name}`);
  else if (known) {
    for (const value of attribute.values) {
      if (typeof value === 'string' && !known.has(value)) report(`<${tag} ${name}> cannot be "${value}"`);
    }
  }
}

/** A fixed slot must be one of the element that it stands in, where that is in sight. */
function checkSlot(node, parents, report) {
  const slot = node.attributes.find((one) => one.type === 'JSXAttribute' && one.name.name === 'slot')?.value
    ?.value;
  if (!slot) return;
  const parent = parents.filter((one) => one.type === 'JSXElement' && one.openingElement !== node).at(-1)
    ?.openingElement.name.name;
  const known = parent?.startsWith?.('s-') ? elements.get(parent)?.slots : slots;
  if (known && !known.has(slot)) report(node, `${parent ?? 'no element'} has no slot ${slot}`);
}

function* files(folder) {
  for (const name of readdirSync(folder).sort()) {
    const path = folder + name;
    if (statSync(path).isDirectory()) yield* files(`${path}/`);
    else if (name.endsWith('.tsx')) yield path;
  }
}

function walk(node, parents, visit) {
  if (!node || typeof node !== 'object') return;
  if (Array.isArray(node)) {
    for (const one of node) walk(one, parents, visit);
    return;
  }
  if (typeof node.type === 'string') visit(node, parents);
  const below = typeof node.type === 'string' ? [...parents, node] : parents;
  for (const key of Object.keys(node)) if (key !== 'type') walk(node[key], below, visit);
}

for (const problem of problems) console.error(problem);
console.log(`${checked} uses of Polaris elements checked, ${problems.length} problems`);
process.exit(problems.length > 0 || checked === 0 ? 1 : 0);
