// Reading a file of text that a spreadsheet wrote.

/** The largest file that is taken, in bytes. */
export const largest = 5_000_000;

/** The text of a file: UTF-8, or else what spreadsheets of the West write where they are not asked for it. */
export async function textOf(file: File): Promise<string> {
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
