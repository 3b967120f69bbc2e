// Shopify's search syntax, as far as the page writes it. Pure.

/** A value as a search takes it: in quotes, with those inside it escaped, where it is more than a word. */
export function quoted(value: string): string {
  return /^[\p{L}\p{N}_-]+$/u.test(value) && !/^(AND|OR|NOT)$/i.test(value)
    ? value
    : `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}
