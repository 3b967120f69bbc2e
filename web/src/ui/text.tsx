import type { ReactNode } from 'react';

/** The icons that the page uses. */
export type Icon =
  | 'alert-circle'
  | 'alert-triangle'
  | 'arrow-up'
  | 'calendar'
  | 'check'
  | 'check-circle'
  | 'chevron-down'
  | 'chevron-right'
  | 'clock'
  | 'delete'
  | 'download'
  | 'duplicate'
  | 'edit'
  | 'external'
  | 'filter'
  | 'info'
  | 'key'
  | 'link'
  | 'list-bulleted'
  | 'minus-circle'
  | 'pause-circle'
  | 'plus'
  | 'question-circle'
  | 'refresh'
  | 'save'
  | 'search'
  | 'stop-circle'
  | 'undo'
  | 'x'
  | 'x-circle';

export type Tone = 'auto' | 'neutral' | 'info' | 'success' | 'caution' | 'warning' | 'critical';

/** Text in a line. */
export function Text(props: {
  strong?: boolean;
  subdued?: boolean;
  tone?: Tone;
  tabular?: boolean;
  children: ReactNode;
}) {
  return (
    <s-text
      type={props.strong ? 'strong' : 'generic'}
      color={props.subdued ? 'subdued' : 'base'}
      tone={props.tone ?? 'auto'}
      fontVariantNumeric={props.tabular ? 'tabular-nums' : 'auto'}
    >
      {props.children}
    </s-text>
  );
}

/** Text with something on hover: the exact time of a relative one. */
export function Hint(props: { title: string; children: ReactNode }) {
  return <span title={props.title}>{props.children}</span>;
}

/** A paragraph. */
export function Paragraph(props: { subdued?: boolean; children: ReactNode }) {
  return <s-paragraph color={props.subdued ? 'subdued' : 'base'}>{props.children}</s-paragraph>;
}

/** A heading inside a card. */
export function Heading(props: { children: ReactNode }) {
  return <s-heading>{props.children}</s-heading>;
}

/** A link inside the page, or to a new window of the admin. */
export function Link(props: {
  href: string;
  id?: string;
  outside?: boolean;
  quiet?: boolean;
  children: ReactNode;
}) {
  return (
    <s-link
      id={props.id}
      href={props.href}
      target={props.outside && !props.href.startsWith('shopify:') ? '_blank' : 'auto'}
      tone={props.quiet ? 'neutral' : 'auto'}
    >
      {props.children}
    </s-link>
  );
}

/** The link that a table's row follows: it looks like text, because the whole row is the link. */
export function RowLink(props: { id: string; href: string; children: ReactNode }) {
  return (
    <a id={props.id} href={props.href} className="tt-row-link">
      {props.children}
    </a>
  );
}

/** A few words that stay in one line, so that rows stay as tall as each other. */
export function OneLine(props: { children: ReactNode }) {
  return <span className="tt-one-line">{props.children}</span>;
}

/** What can be done with a table's row. It makes the row no taller than the others. */
export function RowAction(props: { children: ReactNode }) {
  return <span className="tt-row-action">{props.children}</span>;
}

/** A name with what it is. */
export function Term(props: { name: string; children: ReactNode }) {
  return (
    <div className="tt-term">
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

/** Names with what they are. */
export function Terms(props: { children: ReactNode }) {
  return <dl className="tt-terms">{props.children}</dl>;
}

/** Text that only a screen reader reads. */
export function Spoken(props: { live?: boolean; children: ReactNode }) {
  return (
    <span className="tt-spoken" aria-live={props.live ? 'polite' : undefined}>
      {props.children}
    </span>
  );
}

/** Text as a program wrote it. */
export function Code(props: { children: string }) {
  return <pre className="tt-code">{props.children}</pre>;
}

/** Something long, folded behind its name. */
export function Fold(props: { summary: ReactNode; open?: boolean; children: ReactNode }) {
  return (
    <details className="tt-fold" open={props.open}>
      <summary>
        <s-icon type="chevron-right" color="subdued" />
        <span className="tt-fold-summary">{props.summary}</span>
      </summary>
      <div className="tt-fold-body">{props.children}</div>
    </details>
  );
}

/** A field with what became of it. */
export function FieldChange(props: { name: string; children: ReactNode }) {
  return (
    <div className="tt-field-change">
      <div className="tt-field-name">{props.name}</div>
      <div>{props.children}</div>
    </div>
  );
}

/** What was and what is, side by side. */
export function BeforeAfter(props: { before: ReactNode; after: ReactNode }) {
  return (
    <div className="tt-before-after">
      <span className="tt-subdued">{props.before}</span>
      <span role="img" aria-label="became">
        →
      </span>
      <span>{props.after}</span>
    </div>
  );
}

/** Two things of equal width beside each other; on a narrow screen under each other. */
export function Pair(props: { children: ReactNode }) {
  return <div className="tt-pair">{props.children}</div>;
}
