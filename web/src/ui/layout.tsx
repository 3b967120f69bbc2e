import type { ReactNode } from 'react';
import type { Icon } from './text';

export type Gap = 'none' | 'small-300' | 'small-200' | 'small' | 'base' | 'large';

/** A whole page with its heading and, at the base width, an aside. */
export function Page(props: {
  heading: string;
  size?: 'small' | 'base' | 'large';
  back?: { href: string; label: string };
  /** What stands under the heading: a line of text, badges. */
  lead?: ReactNode;
  primaryAction?: ReactNode;
  secondaryActions?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
}) {
  return (
    <s-page heading={props.heading} inlineSize={props.size ?? 'base'}>
      {props.back && (
        <s-link slot="breadcrumb-actions" href={props.back.href}>
          {props.back.label}
        </s-link>
      )}
      {props.primaryAction}
      {props.secondaryActions}
      {props.lead && (
        <div slot="supplemental-start" className="tt-lead">
          {props.lead}
        </div>
      )}
      {props.children}
      {props.aside && (
        <div slot="aside" className="tt-aside">
          {props.aside}
        </div>
      )}
    </s-page>
  );
}

/** A card. */
export function Section(props: {
  heading?: string;
  label?: string;
  padding?: 'base' | 'none';
  children: ReactNode;
}) {
  return (
    <s-section
      heading={props.heading ?? ''}
      accessibilityLabel={props.label ?? ''}
      padding={props.padding ?? 'base'}
    >
      {props.children}
    </s-section>
  );
}

/** Things under each other, or beside each other and wrapping. */
export function Stack(props: {
  inline?: boolean;
  gap?: Gap;
  align?: 'start' | 'center' | 'end' | 'baseline' | 'stretch';
  justify?: 'start' | 'center' | 'end' | 'space-between';
  children: ReactNode;
}) {
  return (
    <s-stack
      direction={props.inline ? 'inline' : 'block'}
      gap={props.gap ?? 'base'}
      alignItems={props.align ?? 'normal'}
      justifyContent={props.justify ?? 'normal'}
    >
      {props.children}
    </s-stack>
  );
}

/** What stands where nothing is: what it is about and what to do. */
export function EmptyState(props: {
  heading: string;
  icon?: Icon;
  children: ReactNode;
  /** What stands between the text and the actions. */
  more?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <div className="tt-empty">
      {props.icon && <s-icon type={props.icon} color="subdued" />}
      <h2 className="tt-empty-heading">{props.heading}</h2>
      <p className="tt-empty-text">{props.children}</p>
      {props.more && <div className="tt-empty-more">{props.more}</div>}
      {props.actions && <div className="tt-empty-actions">{props.actions}</div>}
    </div>
  );
}

/** What waits to be shown, floating above what is read. */
export function HeldBar(props: { children: ReactNode }) {
  return (
    <div className="tt-held" role="status">
      <div>{props.children}</div>
    </div>
  );
}

/** A line of controls at the head of a card. */
export function Toolbar(props: { wrap?: boolean; end?: ReactNode; children: ReactNode }) {
  return (
    <div className={props.wrap ? 'tt-toolbar tt-toolbar-wrap' : 'tt-toolbar'}>
      {props.children}
      {props.end && <div className="tt-toolbar-end">{props.end}</div>}
    </div>
  );
}

/** Cards to choose a start from, beside each other. */
export function StartCards(props: { children: ReactNode }) {
  return <div className="tt-starts">{props.children}</div>;
}

/** One start. */
export function StartCard(props: { children: ReactNode }) {
  return <div className="tt-start">{props.children}</div>;
}
