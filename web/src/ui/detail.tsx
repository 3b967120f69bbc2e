import { type ReactNode, useMemo, useState } from 'react';
import './detail.css';
import type { Icon, Tone } from './text';

/** Text as a program wrote it, with the numbers of its lines. Long lines scroll in themselves, never the page. */
export function CodeLines(props: { label: string; children: string }) {
  const numbers = useMemo(
    () =>
      props.children
        .split('\n')
        .map((_, index) => index + 1)
        .join('\n'),
    [props.children],
  );
  return (
    // biome-ignore lint/a11y/useSemanticElements: a section would be one more landmark of the page
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard to be scrolled
    <div className="tt-lines" role="group" aria-label={props.label} tabIndex={0}>
      <pre aria-hidden="true">{numbers}</pre>
      <pre>{props.children}</pre>
    </div>
  );
}

/** Something long, folded behind its name and made only when it is first opened. */
export function LateFold(props: { summary: ReactNode; open?: boolean; children: () => ReactNode }) {
  const [opened, setOpened] = useState(props.open ?? false);
  return (
    <details
      className="tt-fold"
      open={props.open}
      onToggle={(event) => {
        if (event.currentTarget.open) setOpened(true);
      }}
    >
      <summary>
        <s-icon type="chevron-right" color="subdued" />
        <span className="tt-fold-summary">{props.summary}</span>
      </summary>
      <div className="tt-fold-body">{opened && props.children()}</div>
    </details>
  );
}

/** Many short names with their values, such as the headers of a request. */
export function NameValues(props: { values: readonly { name: string; value: ReactNode }[] }) {
  return (
    <dl className="tt-name-values">
      {props.values.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Text that is to be copied, such as a key or an address, with what copies it. */
export function CopyBox(props: { label: string; text: string; action: ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: it is no group of fields
    <div className="tt-secret" role="group" aria-label={props.label}>
      <code>{props.text}</code>
      {props.action}
    </div>
  );
}

/** What came of a question: a sign, what it is about, the word for it, and below them the reasons. */
export function Answer(props: {
  icon: Icon;
  tone: Tone;
  name: ReactNode;
  badge: ReactNode;
  children: ReactNode;
}) {
  return (
    <s-section padding="base">
      <div>
        <div className="tt-answer-head">
          <s-icon type={props.icon} tone={props.tone} />
          <div className="tt-answer-name">
            <h2>{props.name}</h2>
            {props.badge}
          </div>
        </div>
        <div className="tt-answer-body">{props.children}</div>
      </div>
    </s-section>
  );
}

/** Things to choose one of, each a link. */
export function Picks(props: {
  label: string;
  picks: readonly { key: string; href: string; name: string; about: ReactNode }[];
}) {
  return (
    <ul className="tt-picks" aria-label={props.label}>
      {props.picks.map((pick) => (
        <li key={pick.key}>
          <a className="tt-pick" href={pick.href}>
            <span>{pick.name}</span>
            <span className="tt-subdued">{pick.about}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

/** Things under each other, each with its name, what is known of it and what can be done with it. */
export function Items(props: {
  label: string;
  items: readonly { key: string; head: ReactNode; children?: ReactNode; actions?: ReactNode }[];
}) {
  return (
    <ul className="tt-items" aria-label={props.label}>
      {props.items.map((item) => (
        <li key={item.key} className="tt-items-one">
          <div className="tt-item-head">{item.head}</div>
          {item.actions && <div className="tt-item-actions">{item.actions}</div>}
          {item.children && <div className="tt-item">{item.children}</div>}
        </li>
      ))}
    </ul>
  );
}

/** How far work has come, as a bar. */
export function Progress(props: { label: string; value: number; max: number; tone?: Tone }) {
  return (
    <s-progress
      accessibilityLabel={props.label}
      value={props.value}
      max={Math.max(props.max, 1)}
      tone={props.tone ?? 'auto'}
    />
  );
}

/** The room that a card leaves around its content, inside a card that leaves none. */
export function Inset(props: { children: ReactNode }) {
  return <div className="tt-inset">{props.children}</div>;
}

/** What is to be done, one after the other. */
export function Steps(props: { steps: readonly string[] }) {
  return (
    <ol className="tt-steps">
      {props.steps.map((step) => (
        <li key={step}>{step}</li>
      ))}
    </ol>
  );
}
