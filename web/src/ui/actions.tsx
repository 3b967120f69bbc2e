import { type ReactNode, useEffect, useRef } from 'react';
import type { Icon } from './text';

export interface ButtonProps {
  variant?: 'auto' | 'primary' | 'secondary' | 'tertiary';
  critical?: boolean;
  icon?: Icon;
  label?: string;
  href?: string;
  /** The file that the address is kept as; the page is not left for it. */
  download?: string;
  disabled?: boolean;
  busy?: boolean;
  slot?: 'primary-action' | 'secondary-actions';
  /** The id of the overlay that it opens. */
  opens?: string;
  onClick?: () => void;
  children?: ReactNode;
}

/** A button, or a link that looks like one. */
export function Button(props: ButtonProps) {
  const opening = props.opens ? { commandFor: props.opens, command: '--toggle' } : {};
  return (
    <s-button
      slot={props.slot}
      variant={props.variant ?? 'auto'}
      tone={props.critical ? 'critical' : 'auto'}
      icon={props.icon}
      accessibilityLabel={props.label}
      href={props.href}
      download={props.download}
      disabled={props.disabled ?? false}
      loading={props.busy ?? false}
      onclick={props.onClick}
      {...opening}
    >
      {props.children}
    </s-button>
  );
}

/** Tabs with counts. On a narrow screen they scroll in themselves, never the page. */
export function Tabs<Id extends string>(props: {
  label: string;
  selected: Id;
  tabs: readonly { id: Id; name: string; count?: string }[];
  onSelect: (id: Id) => void;
}) {
  return (
    <div className="tt-tabs" role="tablist" aria-label={props.label}>
      {props.tabs.map((tab) => (
        <button
          key={tab.id}
          type="button"
          role="tab"
          className="tt-tab"
          aria-selected={tab.id === props.selected}
          onClick={() => props.onSelect(tab.id)}
        >
          {tab.name}
          <span className="tt-tab-count">{tab.count ?? '\u2007'}</span>
        </button>
      ))}
    </div>
  );
}

/** What a button opens below itself. */
export function Popover(props: { id: string; width?: string; onOpen?: () => void; children: ReactNode }) {
  return (
    <s-popover id={props.id} inlineSize={props.width ?? 'auto'} onshow={props.onOpen}>
      <s-box padding="base">{props.children}</s-box>
    </s-popover>
  );
}

/** A question that must be answered before anything else. It shows while open is true. */
export function Modal(props: {
  heading: string;
  open: boolean;
  size?: 'base' | 'large';
  onClose: () => void;
  primaryAction: ReactNode;
  secondaryAction: ReactNode;
  children: ReactNode;
}) {
  const modal = useRef<HTMLElement & { showOverlay?: () => void; hideOverlay?: () => void }>(null);
  useEffect(() => {
    if (props.open) modal.current?.showOverlay?.();
    else modal.current?.hideOverlay?.();
  }, [props.open]);
  return (
    <s-modal ref={modal} heading={props.heading} size={props.size ?? 'base'} onhide={props.onClose}>
      {props.children}
      {props.primaryAction}
      {props.secondaryAction}
    </s-modal>
  );
}

/** A filter that holds, with a way to drop it. */
export function FilterChip(props: { children: string; onRemove: () => void }) {
  return (
    <span className="tt-chip">
      {props.children}
      <button type="button" aria-label={`Remove filter ${props.children}`} onClick={props.onRemove}>
        <s-icon type="x" size="small" />
      </button>
    </span>
  );
}
