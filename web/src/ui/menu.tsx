import type { ReactNode } from 'react';

/** What a button opens below itself to choose from. Its items are buttons; choosing one closes it. */
export function Menu(props: { id: string; label: string; children: ReactNode }) {
  return (
    <s-menu id={props.id} accessibilityLabel={props.label}>
      {props.children}
    </s-menu>
  );
}

/** Items of a menu that belong together. */
export function MenuSection(props: { heading?: string; children: ReactNode }) {
  return <s-section heading={props.heading ?? ''}>{props.children}</s-section>;
}

/** What a search found, one under the other, to be taken with a press. */
export function PickList(props: {
  label: string;
  items: readonly { id: string; name: string; details?: string }[];
  onPick: (id: string) => void;
}) {
  return (
    <ul className="tt-picks" aria-label={props.label}>
      {props.items.map((item) => (
        <li key={item.id}>
          <button type="button" className="tt-option" onClick={() => props.onPick(item.id)}>
            <span>{item.name}</span>
            {item.details && <span className="tt-subdued tt-small">{item.details}</span>}
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Something in a popover that may be long: it scrolls in itself. */
export function Scroll(props: { children: ReactNode }) {
  return <div className="tt-scroll">{props.children}</div>;
}

/** Controls in a line; where they do not fit, the line scrolls in itself and never the page. */
export function Strip(props: { label: string; children: ReactNode }) {
  return (
    <fieldset className="tt-strip" aria-label={props.label}>
      {props.children}
    </fieldset>
  );
}

/** A key of the keyboard with what it does. */
export function KeyLine(props: { keys: readonly string[]; children: ReactNode }) {
  return (
    <div className="tt-key-line">
      <span className="tt-keys">
        {props.keys.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </span>
      <span>{props.children}</span>
    </div>
  );
}
