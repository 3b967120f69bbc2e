import {
  type KeyboardEvent,
  type Ref,
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';

export interface Option {
  id: string;
  label: string;
  details?: string;
}

/** What another part of the page may do with a combobox. */
export interface ComboboxHandle {
  focus: () => void;
  /** Puts the caret somewhere together with the next text. */
  putCaret: (at: number) => void;
}

/**
 * A line of text with options below it, as the ARIA pattern of an editable combobox with a list has it: the focus stays
 * in the text, the arrows walk the options, Enter takes one, Escape closes the list and then clears the text.
 */
export function Combobox(props: {
  ref?: Ref<ComboboxHandle>;
  label: string;
  value: string;
  placeholder?: string;
  error?: string;
  options: readonly Option[];
  onFocus?: () => void;
  onInput: (text: string, caret: number) => void;
  onChoose: (option: Option) => void;
  /** Enter without an option. */
  onSubmit: () => void;
}) {
  const { options } = props;
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const caret = useRef<number | null>(null);
  const id = useId();
  const shown = open && options.length > 0;
  const current = shown ? options[active] : undefined;

  useImperativeHandle(props.ref, () => ({
    focus: () => {
      setOpen(true);
      input.current?.focus();
      input.current?.select();
    },
    putCaret: (at) => {
      caret.current = at;
    },
  }));
  // At once with the text: the next letter may be on its way.
  useLayoutEffect(() => {
    if (caret.current === null) return;
    input.current?.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  });

  const tell = () => {
    const field = input.current;
    if (field) props.onInput(field.value, field.selectionStart ?? field.value.length);
  };
  const choose = (option: Option) => {
    setActive(-1);
    props.onChoose(option);
  };
  const walk = (by: number) => {
    const count = options.length;
    setOpen(true);
    // One place more than there are options: past the last one is the text again.
    if (count > 0) setActive((at) => ((at + 1 + by + count + 1) % (count + 1)) - 1);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    switch (event.key) {
      case 'ArrowDown':
      case 'ArrowUp':
        event.preventDefault();
        return walk(event.key === 'ArrowDown' ? 1 : -1);
      case 'Enter':
        event.preventDefault();
        if (current) return choose(current);
        setOpen(false);
        return props.onSubmit();
      case 'Escape':
        event.preventDefault();
        event.stopPropagation();
        if (shown) return setOpen(false);
        if (props.value) return props.onInput('', 0);
        return event.currentTarget.blur();
    }
  };

  return (
    <div className="tt-combobox">
      <div className={props.error ? 'tt-combobox-field tt-combobox-wrong' : 'tt-combobox-field'}>
        <s-icon type="search" color="subdued" />
        <input
          ref={input}
          type="text"
          role="combobox"
          aria-label={props.label}
          aria-expanded={shown}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={current ? `${id}-${current.id}` : undefined}
          aria-invalid={props.error ? true : undefined}
          aria-describedby={props.error ? `${id}-error` : undefined}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          enterKeyHint="search"
          placeholder={props.placeholder}
          value={props.value}
          onChange={() => {
            setOpen(true);
            setActive(-1);
            tell();
          }}
          onSelect={tell}
          onFocus={props.onFocus}
          onClick={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={onKeyDown}
        />
        {props.value && (
          <button
            type="button"
            aria-label="Clear the search"
            onClick={() => {
              props.onInput('', 0);
              input.current?.focus();
            }}
          >
            <s-icon type="x" size="small" />
          </button>
        )}
      </div>
      <div id={`${id}-list`} role="listbox" aria-label={props.label} className="tt-options" hidden={!shown}>
        {options.map((option, at) => (
          <div
            key={option.id}
            id={`${id}-${option.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={at === active}
            className="tt-option"
            // The text keeps the focus: a press that took it would close the list before its click arrives.
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => choose(option)}
            onKeyDown={() => {}}
          >
            <span>{option.label}</span>
            {option.details && <span className="tt-subdued tt-small">{option.details}</span>}
          </div>
        ))}
      </div>
      {props.error && (
        <div id={`${id}-error`} className="tt-combobox-error" role="alert">
          <s-icon type="alert-circle" tone="critical" />
          <span>{props.error}</span>
        </div>
      )}
    </div>
  );
}
