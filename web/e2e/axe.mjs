// Accessibility: axe looks at the app's own document, the shadows of its components included.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { must } from './browser.mjs';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The frame that the app's document is in. */
export function appFrame(page) {
  const frame = page.frames().find((one) => one.name() === 'app-iframe');
  must(frame, 'the app’s frame is not there');
  return frame;
}

/** Throws, naming each element, where axe finds a violation. */
export async function accessible(page) {
  const frame = appFrame(page);
  await frame.evaluate(source);
  const violations = await frame.evaluate(async () => {
    const found = await window.axe.run(document, { resultTypes: ['violations'] });
    return found.violations.map(({ id, help, nodes }) => ({
      id,
      help,
      nodes: nodes.map(({ target, failureSummary }) => `${target.flat().join(' ')}: ${failureSummary}`),
    }));
  });
  const text = violations.map(({ id, help, nodes }) => [`${id}: ${help}`, ...nodes.slice(0, 4)].join('\n  '));
  must(violations.length === 0, text.join('\n'));
}
