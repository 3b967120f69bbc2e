import { type Ref, useDeferredValue, useEffect, useEffectEvent, useMemo, useRef, useState } from 'react';
import { Combobox, type ComboboxHandle, useNarrow } from '../../ui';
import { insert, isComplete, type Known, suggest } from './search';

/** How long to wait for the next letter before the server is asked, in milliseconds. */
const pause = 250;

/**
 * The search: words and qualifiers, with suggestions of what can follow. What is typed is told after a pause, and at
 * once with Enter.
 */
export function SearchBox(props: {
  ref: Ref<ComboboxHandle>;
  search: string;
  error?: string;
  known: Known;
  /** The names that can be suggested are about to be needed. */
  onAsk: () => void;
  onSearch: (search: string, how: { typing: boolean }) => void;
}) {
  const [text, setText] = useState(props.search);
  const [caret, setCaret] = useState(props.search.length);
  const isNarrow = useNarrow();
  const field = useRef<ComboboxHandle>(null);

  // Another search from elsewhere, such as a saved view or the browser's back, replaces what stands here. One that
  // was told from here does not: more may have been typed since.
  const [told, setTold] = useState(props.search);
  const [given, setGiven] = useState(props.search);
  if (given !== props.search) {
    setGiven(props.search);
    if (props.search !== told) {
      setText(props.search);
      setTold(props.search);
    }
  }

  const tell = useEffectEvent((typing: boolean) => {
    const search = text.trim();
    if (search === props.search || (typing && !isComplete(search))) return;
    setTold(search);
    props.onSearch(search, { typing });
  });
  useEffect(() => {
    const timer = setTimeout(() => tell(true), pause);
    return () => clearTimeout(timer);
  }, [text]);

  // Suggesting may lag behind the letters; the letters must not lag behind the keys.
  const late = useDeferredValue(useMemo(() => ({ text, caret }), [text, caret]));
  const suggestions = useMemo(() => suggest(late.text, late.caret, props.known), [late, props.known]);

  return (
    <Combobox
      ref={(handle) => {
        field.current = handle;
        if (typeof props.ref === 'function') props.ref(handle);
        else if (props.ref) props.ref.current = handle;
      }}
      label="Search the log"
      placeholder={isNarrow ? 'Search the log' : 'Search, or filter with status: actor: rule: order: …'}
      value={text}
      error={props.error}
      onFocus={props.onAsk}
      options={suggestions.list.map(({ text: id, label, details }) => ({ id, label, details }))}
      onInput={(typed, at) => {
        setText(typed);
        setCaret(at);
      }}
      onChoose={(option) => {
        // What is shown may lag behind the text; what is put in must not.
        const now = suggest(text, caret, props.known);
        const chosen = now.list.find((one) => one.text === option.id);
        if (!chosen) return;
        const next = insert(text, now, chosen);
        setText(next.text);
        setCaret(next.caret);
        field.current?.putCaret(next.caret);
      }}
      onSubmit={() => tell(false)}
    />
  );
}
