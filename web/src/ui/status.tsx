import type { CSSProperties, ReactNode } from 'react';
import type { Icon } from './text';

export type BadgeTone = 'neutral' | 'info' | 'success' | 'caution' | 'warning' | 'critical';

/** A word about a state. */
export function Badge(props: { tone?: BadgeTone; busy?: boolean; children: ReactNode }) {
  return (
    <span className="tt-badge">
      <s-badge tone={props.tone ?? 'neutral'}>{props.children}</s-badge>
      {props.busy && <s-spinner accessibilityLabel="Running" />}
    </span>
  );
}

/** Something that concerns the whole page. */
export function Banner(props: {
  tone: 'info' | 'success' | 'warning' | 'critical';
  heading: string;
  children?: ReactNode;
  actions?: ReactNode;
  onDismiss?: () => void;
}) {
  return (
    <s-banner
      tone={props.tone}
      heading={props.heading}
      dismissible={props.onDismiss !== undefined}
      ondismiss={props.onDismiss}
    >
      {props.children}
      {props.actions}
    </s-banner>
  );
}

/** A tag, as it was kept, put on or taken off. */
export function ChangeChip(props: { kind: 'kept' | 'added' | 'removed'; children: string }) {
  const mark = { kept: '', added: '+ ', removed: '− ' }[props.kind];
  const spoken = { kept: '', added: 'added ', removed: 'removed ' }[props.kind];
  return (
    <span className={`tt-change tt-change-${props.kind}`}>
      {mark && <span aria-hidden="true">{mark}</span>}
      {spoken && <span className="tt-spoken">{spoken}</span>}
      {props.children}
    </span>
  );
}

/** Chips in a line that wraps. */
export function Chips(props: { children: ReactNode }) {
  return <div className="tt-chips">{props.children}</div>;
}

/** A condition that held or did not. */
export function Check(props: { passed: boolean; text: string; actual: string; hint?: string | null }) {
  const icon: Icon = props.passed ? 'check-circle' : 'alert-circle';
  return (
    <div className="tt-check">
      <span className="tt-symbol" role="img" aria-label={props.passed ? 'Held' : 'Did not hold'}>
        <s-icon type={icon} tone={props.passed ? 'success' : 'critical'} />
      </span>
      <div>
        <span>{props.text}</span> <span className="tt-subdued">{props.actual}</span>
        {props.hint && !props.passed && <div className="tt-subdued tt-small">{props.hint}</div>}
      </div>
    </div>
  );
}

/** Steps with their times, one under the other. */
export function Timeline(props: {
  steps: readonly {
    key: string;
    name: string;
    note?: string | null;
    time: string;
    hover: string;
    after?: string;
  }[];
}) {
  return (
    <ol className="tt-timeline">
      {props.steps.map((step) => (
        <li key={step.key}>
          <div>
            {step.name}
            {step.note && <div className="tt-subdued tt-small">{step.note}</div>}
          </div>
          <div className="tt-timeline-time" title={step.hover}>
            {step.after && <span className="tt-small tt-timeline-after">{step.after}</span>}
            {step.time}
          </div>
        </li>
      ))}
    </ol>
  );
}

/** Grey bars where text will stand. */
export function Bones(props: { lines: number; label?: string }) {
  const widths = ['100%', '82%', '94%', '70%', '88%'];
  return (
    <div className="tt-bones" role="status" aria-label={props.label ?? 'Loading'}>
      {Array.from({ length: props.lines }, (_, line) => (
        <div key={line} className="tt-bone" style={{ width: widths[line % widths.length] }} />
      ))}
    </div>
  );
}

/** Grey bars where rows of a table will stand, under an empty head of the same height. */
export function BoneRows(props: { rows: number; label: string }) {
  return (
    <div role="status" aria-label={props.label}>
      <div className="tt-bone-row tt-bone-head" />
      {Array.from({ length: props.rows }, (_, row) => (
        <div key={row} className="tt-bone-row">
          <div className="tt-bone" style={{ width: `${[62, 48, 71, 55][row % 4]}%` }} />
        </div>
      ))}
    </div>
  );
}

export interface ChainStep {
  key: string;
  depth: number;
  current?: boolean;
  content: ReactNode;
}

/** What led to what: each step further in than the one that it came from. */
export function ChainList(props: { steps: readonly ChainStep[] }) {
  return (
    <ol className="tt-chain">
      {props.steps.map((step) => (
        <li
          key={step.key}
          aria-current={step.current ? 'step' : undefined}
          style={{ '--tt-depth': step.depth } as CSSProperties}
        >
          <div className="tt-chain-line">{step.content}</div>
        </li>
      ))}
    </ol>
  );
}
