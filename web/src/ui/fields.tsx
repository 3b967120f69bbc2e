import { type ReactNode, useState } from 'react';

interface FieldProps {
  label: string;
  /** The label is only for screen readers. */
  quiet?: boolean;
  details?: string;
  error?: string;
  disabled?: boolean;
  required?: boolean;
}

function textOf(event: Event): string {
  return (event.currentTarget as HTMLElement & { value?: string }).value ?? '';
}

function shared(props: FieldProps) {
  return {
    label: props.label,
    labelAccessibilityVisibility: props.quiet ? 'exclusive' : 'visible',
    details: props.details ?? '',
    error: props.error ?? '',
    disabled: props.disabled ?? false,
    required: props.required ?? false,
  };
}

/** A line of text. */
export function TextField(
  props: FieldProps & { value: string; placeholder?: string; onChange: (value: string) => void },
) {
  return (
    <s-text-field
      {...shared(props)}
      value={props.value}
      placeholder={props.placeholder ?? ''}
      autocomplete="off"
      oninput={(event: Event) => props.onChange(textOf(event))}
    />
  );
}

/** Several lines of text. */
export function TextArea(
  props: FieldProps & {
    value: string;
    rows?: number;
    placeholder?: string;
    onChange: (value: string) => void;
  },
) {
  return (
    <s-text-area
      {...shared(props)}
      value={props.value}
      rows={props.rows ?? 4}
      placeholder={props.placeholder ?? ''}
      autocomplete="off"
      oninput={(event: Event) => props.onChange(textOf(event))}
    />
  );
}

/** A file of a few kinds, chosen or dropped. */
export function FileField(props: {
  label: string;
  accept: string;
  error?: string;
  onChoose: (file: File) => void;
  onReject: () => void;
}) {
  return (
    <s-drop-zone
      label={props.label}
      accept={props.accept}
      error={props.error ?? ''}
      onchange={(event: Event) => {
        const [file] = (event.currentTarget as HTMLElement & { files?: readonly File[] }).files ?? [];
        if (file) props.onChoose(file);
      }}
      ondroprejected={props.onReject}
    />
  );
}

/** A number, kept as the text that was typed. */
export function NumberField(
  props: FieldProps & {
    value: string;
    whole?: boolean;
    min?: number;
    prefix?: string;
    suffix?: string;
    onChange: (value: string) => void;
  },
) {
  return (
    <s-number-field
      {...shared(props)}
      value={props.value}
      inputMode={props.whole ? 'numeric' : 'decimal'}
      min={props.min}
      step={props.whole ? 1 : 0.01}
      prefix={props.prefix ?? ''}
      suffix={props.suffix ?? ''}
      oninput={(event: Event) => props.onChange(textOf(event))}
    />
  );
}

/** A day. */
export function DateField(props: FieldProps & { value: string; onChange: (value: string) => void }) {
  return (
    <s-date-field
      {...shared(props)}
      value={props.value}
      onchange={(event: Event) => props.onChange(textOf(event))}
    />
  );
}

/** One of a few. */
export function Select<Value extends string>(
  props: FieldProps & {
    value: Value | '';
    options: readonly { value: Value; label: string; group?: string }[];
    placeholder?: string;
    onChange: (value: Value) => void;
  },
) {
  const groups = [...new Set(props.options.map((option) => option.group ?? ''))];
  const option = (one: { value: Value; label: string }) => (
    <s-option key={one.value} value={one.value}>
      {one.label}
    </s-option>
  );
  return (
    <s-select
      {...shared(props)}
      value={props.value}
      placeholder={props.placeholder ?? ''}
      onchange={(event: Event) => props.onChange(textOf(event) as Value)}
    >
      {groups.map((group) => {
        const of = props.options.filter((one) => (one.group ?? '') === group).map(option);
        return group ? (
          <s-option-group key={group} label={group}>
            {of}
          </s-option-group>
        ) : (
          of
        );
      })}
    </s-select>
  );
}

/** Yes or no; of several that it stands for, some. */
export function Checkbox(
  props: FieldProps & { checked: boolean; some?: boolean; onChange: (checked: boolean) => void },
) {
  return (
    <s-checkbox
      label={props.label}
      labelAccessibilityVisibility={props.quiet ? 'exclusive' : 'visible'}
      indeterminate={props.some ?? false}
      details={props.details ?? ''}
      error={props.error ?? ''}
      disabled={props.disabled ?? false}
      checked={props.checked}
      onchange={(event: Event) => props.onChange(checkedOf(event))}
    />
  );
}

/** On or off, at once. */
export function Switch(props: FieldProps & { checked: boolean; onChange: (checked: boolean) => void }) {
  return (
    <s-switch
      label={props.label}
      labelAccessibilityVisibility={props.quiet ? 'exclusive' : 'visible'}
      details={props.details ?? ''}
      disabled={props.disabled ?? false}
      checked={props.checked}
      onchange={(event: Event) => props.onChange(checkedOf(event))}
    />
  );
}

function checkedOf(event: Event): boolean {
  return (event.currentTarget as HTMLElement & { checked?: boolean }).checked ?? false;
}

/** Any of a few, or one of them. */
export function ChoiceList<Value extends string>(props: {
  label: string;
  quiet?: boolean;
  multiple?: boolean;
  error?: string;
  values: readonly Value[];
  choices: readonly { value: Value; label: string; details?: string }[];
  onChange: (values: Value[]) => void;
}) {
  return (
    <s-choice-list
      label={props.label}
      labelAccessibilityVisibility={props.quiet ? 'exclusive' : 'visible'}
      multiple={props.multiple ?? false}
      error={props.error ?? ''}
      values={props.values}
      onchange={(event: Event) => {
        const values = (event.currentTarget as HTMLElement & { values?: string[] }).values ?? [];
        props.onChange(values as Value[]);
      }}
    >
      {props.choices.map((choice) => (
        <s-choice key={choice.value} value={choice.value} selected={props.values.includes(choice.value)}>
          {choice.label}
          {choice.details && (
            <s-text slot="details" color="subdued">
              {choice.details}
            </s-text>
          )}
        </s-choice>
      ))}
    </s-choice-list>
  );
}

/** A range of days, as two days that are both included. */
export function DateRangePicker(props: {
  value: { first: string; last: string } | null;
  today: string;
  onChange: (range: { first: string; last: string }) => void;
}) {
  const value = props.value ? `${props.value.first}--${props.value.last}` : '';
  return (
    <s-date-picker
      type="range"
      allow={`--${props.today}`}
      value={value}
      view={(props.value?.last ?? props.today).slice(0, 7)}
      onchange={(event: Event) => {
        const [first, last] = textOf(event).split('--');
        if (first && last) props.onChange(first < last ? { first, last } : { first: last, last: first });
      }}
    />
  );
}

/** Several texts, each a chip: typed and added with Enter, a comma or the button. */
export function ChipsField(
  props: FieldProps & {
    values: readonly string[];
    placeholder?: string;
    onChange: (values: string[]) => void;
  },
) {
  const [typed, setTyped] = useState('');
  const add = (text: string) => {
    const fresh = text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
    const known = new Set(props.values.map((value) => value.toLowerCase()));
    const added = fresh.filter((part) => !known.has(part.toLowerCase()) && known.add(part.toLowerCase()));
    if (added.length > 0) props.onChange([...props.values, ...added]);
    setTyped('');
  };
  return (
    <div
      className="tt-chips-field"
      onKeyDownCapture={(event) => {
        if (event.key !== 'Enter' && event.key !== ',') return;
        event.preventDefault();
        add(typed);
      }}
    >
      <s-text-field
        {...shared(props)}
        value={typed}
        placeholder={props.placeholder ?? ''}
        autocomplete="off"
        oninput={(event: Event) => setTyped(textOf(event))}
        onblur={() => typed.trim() && add(typed)}
      />
      {props.values.length > 0 && (
        <div className="tt-chips">
          {props.values.map((value) => (
            <span key={value} className="tt-change tt-change-kept tt-change-removable">
              {value}
              <button
                type="button"
                aria-label={`Remove ${value}`}
                onClick={() => props.onChange(props.values.filter((other) => other !== value))}
              >
                <s-icon type="x" size="small" />
              </button>
            </span>
          ))}
        </div>
      )}
    </div>
  );
}

/** A field of a form with what stands beside it. */
export function Row(props: { children: ReactNode }) {
  return <div className="tt-row">{props.children}</div>;
}

/** What is wrong with something that has no place for it itself. */
export function FieldError(props: { message: string | undefined }) {
  if (!props.message) return null;
  return (
    <div className="tt-field-error" role="alert">
      <s-icon type="alert-circle" tone="critical" />
      <span>{props.message}</span>
    </div>
  );
}

/** A group of fields with a head; one inside another stands in a frame. */
export function FieldGroup(props: { nested: boolean; head: ReactNode; children: ReactNode }) {
  return (
    <fieldset className={props.nested ? 'tt-group tt-group-nested' : 'tt-group'}>
      <div className="tt-group-head">{props.head}</div>
      {props.children}
    </fieldset>
  );
}
