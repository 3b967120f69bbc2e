// An operation as it is being put together, and how it goes to the API. Pure, so that it is tested.
import type {
  OperationInput,
  OperationKind,
  OperationStartMutation,
  ResourceType,
  SelectionInput,
} from '../../generated/graphql';
import { longestTag } from '../../words/operations';

/** The kinds that are put together here; a clean-up of spellings begins with a scan. */
export const chosenKinds = ['TAG_ADD', 'TAG_REMOVE', 'TAG_REPLACE', 'TAG_MERGE', 'DATA_CLEANUP'] as const;

export const chosenResources = ['PRODUCT', 'CUSTOMER', 'ORDER'] as const;

export const hows = ['search', 'ids', 'csv', 'all'] as const;
export type How = (typeof hows)[number];

export const steps = ['what', 'which', 'preview', 'confirm'] as const;
export type Step = (typeof steps)[number];

export interface Draft {
  kind: OperationKind;
  resource: ResourceType;
  tags: string[];
  replaceWith: string;
  how: How;
  search: string;
  /** As they were pasted. */
  ids: string;
  csv: { name: string; text: string } | null;
  /** The person said that every record is meant. */
  sure: boolean;
  note: string;
}

/** An operation that says nothing yet, of the kind and about the records that an address asks for. */
export function emptyDraft(query = new URLSearchParams()): Draft {
  const kind = query.get('kind')?.toUpperCase();
  const resource = query.get('resource')?.toUpperCase();
  return {
    kind: chosenKinds.find((one) => one === kind) ?? 'TAG_ADD',
    resource: chosenResources.find((one) => one === resource) ?? 'PRODUCT',
    tags: [],
    replaceWith: '',
    how: 'search',
    search: '',
    ids: '',
    csv: null,
    sure: false,
    note: '',
  };
}

/** True for a kind that is about tags which the person names. */
export function namesTags(kind: OperationKind): boolean {
  return kind !== 'DATA_CLEANUP';
}

/** True for a kind that puts one tag in the place of others. */
export function replaces(kind: OperationKind): boolean {
  return kind === 'TAG_REPLACE' || kind === 'TAG_MERGE';
}

/** What is wrong with a step, by field; empty where one can go on. What only the server can know it says itself. */
export type Problems = ReadonlyMap<string, string>;

/** What is missing or too long in what is to be done. */
export function whatProblems(draft: Draft): Problems {
  const found = new Map<string, string>();
  if (!namesTags(draft.kind)) return found;
  const longest = longestTag(draft.resource);
  const long = draft.tags.find((tag) => [...tag].length > longest);
  if (draft.tags.length === 0) found.set('tags', 'Name at least one tag.');
  else if (draft.kind === 'TAG_MERGE' && draft.tags.length < 2 && !draft.replaceWith.trim())
    found.set('tags', 'Name the tags that are to become one.');
  else if (draft.kind === 'TAG_ADD' && long)
    found.set('tags', `“${long}” has ${[...long].length} characters; Shopify takes at most ${longest} here.`);
  if (!replaces(draft.kind)) return found;
  const comes = draft.replaceWith.trim();
  if (comes === '') found.set('replaceWith', 'Name the tag that comes in their place.');
  else if (comes.includes(',')) found.set('replaceWith', 'A tag cannot hold a comma.');
  else if ([...comes].length > longest)
    found.set(
      'replaceWith',
      `It has ${[...comes].length} characters; Shopify takes at most ${longest} here.`,
    );
  return found;
}

/** What is missing in which records are meant. */
export function whichProblems(draft: Draft): Problems {
  const found = new Map<string, string>();
  switch (draft.how) {
    case 'search':
      if (draft.search.trim() === '')
        found.set('selection.query', 'Type a search. To change every record, choose Everything.');
      break;
    case 'ids': {
      const { ids, wrong } = readIds(draft.ids, draft.resource);
      if (wrong.length > 0)
        found.set('selection.ids', `This is no number or id: ${wrong.slice(0, 3).join(', ')}.`);
      else if (ids.length === 0) found.set('selection.ids', 'Paste at least one id.');
      else if (ids.length > mostIds)
        found.set(
          'selection.ids',
          `These are ${ids.length}; at most ${mostIds} go at once. Use a CSV file for more.`,
        );
      break;
    }
    case 'csv':
      if (!draft.csv) found.set('selection.csv', 'Choose a file.');
      break;
    case 'all':
      if (!draft.sure) found.set('selection.all', 'Tick the box to go on.');
  }
  return found;
}

/** The most ids that the API takes. */
export const mostIds = 250;

const gids: Record<ResourceType, string> = {
  ORDER: 'Order',
  CUSTOMER: 'Customer',
  PRODUCT: 'Product',
  VARIANT: 'ProductVariant',
};

/** The global ids in a pasted text: ids, the numbers in them, or addresses of the admin; and what is none of these. */
export function readIds(text: string, resource: ResourceType): { ids: string[]; wrong: string[] } {
  const ids = new Set<string>();
  const wrong: string[] = [];
  for (const word of text.split(/[\s,;]+/).filter((one) => one !== '')) {
    const type = gids[resource];
    const gid = /^gid:\/\/shopify\/(\w+)\/(\d+)$/.exec(word);
    const digits = gid
      ? gid[1] === type
        ? gid[2]
        : undefined
      : /^(?:https?:\/\/\S*\/)?(\d+)(?:[?#]\S*)?$/.exec(word)?.[1];
    if (digits) ids.add(`gid://shopify/${type}/${digits}`);
    else wrong.push(word);
  }
  return { ids: [...ids], wrong };
}

/** What the API takes. */
export function inputOf(draft: Draft): OperationInput {
  return {
    kind: draft.kind,
    resource: draft.resource,
    selection: selectionOf(draft),
    ...(namesTags(draft.kind) ? { tags: draft.tags } : {}),
    ...(replaces(draft.kind) ? { replaceWith: draft.replaceWith.trim() } : {}),
    ...(draft.note.trim() ? { note: draft.note.trim() } : {}),
  };
}

function selectionOf(draft: Draft): SelectionInput {
  switch (draft.how) {
    case 'search':
      return { query: draft.search.trim() };
    case 'ids':
      return { ids: readIds(draft.ids, draft.resource).ids };
    case 'csv':
      return { csv: draft.csv?.text ?? '' };
    case 'all':
      return { all: true };
  }
}

/** Tells previews apart: the note says nothing about what would change. */
export function previewKey(draft: Draft): string {
  const { note: _, ...input } = inputOf(draft);
  return JSON.stringify(input);
}

type UserErrors = OperationStartMutation['operationStart']['userErrors'];

/** What the server said is wrong, by the field of this page that it is about; what has no field stands under "". */
export function serverProblems(errors: UserErrors): Problems {
  const found = new Map<string, string>();
  for (const error of errors) {
    const path = (error.field ?? []).filter((part) => part !== 'input');
    const at = fieldOf(path);
    found.set(at, found.has(at) ? `${found.get(at)} ${error.message}` : error.message);
  }
  return found;
}

function fieldOf(path: readonly string[]): string {
  const [first = '', second] = path;
  if (first === 'selection') return second ? `selection.${second}` : 'selection';
  return ['kind', 'resource', 'tags', 'replaceWith', 'note'].includes(first) ? first : '';
}

/** The step at which a field stands. */
export function stepOf(field: string): Step {
  if (field.startsWith('selection')) return 'which';
  return field === '' || field === 'note' ? 'confirm' : 'what';
}

/** The step that an address asks for, or the last one before it that is not filled in. */
export function openStep(asked: string | null, draft: Draft, previewed: boolean): Step {
  const step = steps.find((one) => one === asked) ?? 'what';
  if (step === 'what' || whatProblems(draft).size > 0) return 'what';
  if (step === 'which' || whichProblems(draft).size > 0) return 'which';
  return previewed ? step : 'which';
}
