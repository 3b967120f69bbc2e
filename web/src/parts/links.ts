// The addresses of pages that others link to, written in one place.

/** The page of one record: its tags and all that happened to it. */
export function recordHref(id: string): string {
  return `/record?id=${encodeURIComponent(id)}`;
}

/** The page that says why a rule did or did not act on a record; it asks for what is left out. */
export function explainHref(of: { record?: string; rule?: string }): string {
  const query = new URLSearchParams();
  if (of.record) query.set('record', of.record);
  if (of.rule) query.set('rule', of.rule);
  const text = query.toString();
  return text ? `/explain?${text}` : '/explain';
}

/** The page of one operation. */
export function operationHref(id: string): string {
  return `/operations/${encodeURIComponent(id)}`;
}

/** The entry's page with the question whether to take back what it tells of. */
export function revertHref(id: string): string {
  return `/activity/${encodeURIComponent(id)}?revert=1`;
}
