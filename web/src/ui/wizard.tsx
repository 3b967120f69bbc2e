import type { ReactNode } from 'react';
import './wizard.css';

/** The steps of something, with the one that is shown; those that are open can be gone to. */
export function StepBar<Id extends string>(props: {
  label: string;
  steps: readonly { id: Id; name: string; open: boolean }[];
  current: Id;
  onGo: (id: Id) => void;
}) {
  const at = props.steps.findIndex((step) => step.id === props.current);
  return (
    <nav className="tt-step-bar" aria-label={props.label}>
      <ol>
        {props.steps.map((step, index) => (
          <li key={step.id} className={index < at ? 'tt-step tt-step-done' : 'tt-step'}>
            <button
              type="button"
              aria-current={step.id === props.current ? 'step' : undefined}
              disabled={!step.open}
              onClick={() => props.onGo(step.id)}
            >
              <span className="tt-step-mark" aria-hidden="true">
                {index < at ? <s-icon type="check" size="small" /> : index + 1}
              </span>
              <span>{step.name}</span>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** What ends a form or a step: the way back at the start, the way on at the end. */
export function Ends(props: { start?: ReactNode; children: ReactNode }) {
  return (
    <div className="tt-ends">
      <div>{props.start}</div>
      <div>{props.children}</div>
    </div>
  );
}

/** Numbers with what they count, beside each other. */
export function Figures(props: {
  figures: readonly { name: string; value: string; tone?: 'success' | 'warning' | 'critical' }[];
}) {
  return (
    <dl className="tt-figures">
      {props.figures.map((figure) => (
        <div key={figure.name} className={figure.tone ? `tt-figure tt-figure-${figure.tone}` : 'tt-figure'}>
          <dt>{figure.name}</dt>
          <dd>{figure.value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Short texts to take one of, such as examples of a search. */
export function Examples(props: {
  label: string;
  examples: readonly { text: string; about: string }[];
  onTake: (text: string) => void;
}) {
  return (
    <ul className="tt-examples" aria-label={props.label}>
      {props.examples.map((example) => (
        <li key={example.text}>
          <button type="button" onClick={() => props.onTake(example.text)}>
            <code>{example.text}</code>
          </button>
          <span className="tt-subdued">{example.about}</span>
        </li>
      ))}
    </ul>
  );
}

/** Rows of cells without a link of their own, under headings; it scrolls in itself where it is too wide. */
export function PlainTable(props: {
  label: string;
  heads: readonly string[];
  rows: readonly { key: string; cells: readonly ReactNode[] }[];
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard to be scrolled
    <section className="tt-plain-table" aria-label={props.label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {props.heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row) => (
            <tr key={row.key}>
              {row.cells.map((cell, column) => (
                <td key={props.heads[column]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** A line that stays at the foot of the window while what it is about is longer than it. */
export function StickyBar(props: { label: string; children: ReactNode }) {
  return (
    <section className="tt-sticky" aria-label={props.label}>
      {props.children}
    </section>
  );
}

/** A thing to be chosen, with what is known of it and what becomes of it. */
export function FindingLine(props: { check: ReactNode; field: ReactNode; children: ReactNode }) {
  return (
    <div className="tt-finding">
      {props.check}
      {props.children}
      <div className="tt-finding-field">
        <span className="tt-subdued" aria-hidden="true">
          →
        </span>
        {props.field}
      </div>
    </div>
  );
}
