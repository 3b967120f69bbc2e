/** A line of text to find something with. Told of each letter. */
export function SearchField(props: {
  label: string;
  value: string;
  placeholder?: string;
  details?: string;
  onChange: (value: string) => void;
}) {
  return (
    <s-search-field
      label={props.label}
      details={props.details ?? ''}
      placeholder={props.placeholder ?? ''}
      autocomplete="off"
      value={props.value}
      oninput={(event: Event) =>
        props.onChange((event.currentTarget as HTMLElement & { value?: string }).value ?? '')
      }
    />
  );
}

/** A secret that is typed or pasted. */
export function SecretField(props: {
  label: string;
  value: string;
  details?: string;
  error?: string;
  required?: boolean;
  onChange: (value: string) => void;
}) {
  return (
    <s-password-field
      label={props.label}
      details={props.details ?? ''}
      error={props.error ?? ''}
      required={props.required ?? false}
      autocomplete="off"
      value={props.value}
      oninput={(event: Event) =>
        props.onChange((event.currentTarget as HTMLElement & { value?: string }).value ?? '')
      }
    />
  );
}
