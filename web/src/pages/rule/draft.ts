// A rule as it is being written, and how it goes to and comes from the API. Pure, so that it is tested.
import type {
  ConditionGroupInput,
  ConditionOperator,
  Match,
  ResourceType,
  RuleFieldType,
  RuleFullFragment,
  RuleInput,
  RuleTrigger,
} from '../../generated/graphql';

export interface Condition {
  /** Tells conditions apart while they are written. */
  key: string;
  field: string;
  operator: ConditionOperator;
  values: string[];
}

export interface Group {
  key: string;
  match: Match;
  conditions: Condition[];
  groups: Group[];
}

export interface Draft {
  name: string;
  resource: ResourceType;
  triggers: RuleTrigger[];
  when: Group;
  addTags: string[];
  removeTags: string[];
  resetOnMismatch: boolean;
  /** As it was typed. */
  priority: string;
  enabled: boolean;
}

let keys = 0;
function key(): string {
  keys += 1;
  return `k${keys}`;
}

/** A condition on a field, with nothing to compare with yet. */
export function condition(field: string, operator: ConditionOperator, values: string[] = []): Condition {
  return { key: key(), field, operator, values };
}

/** A group of conditions. */
export function group(match: Match, conditions: Condition[], groups: Group[] = []): Group {
  return { key: key(), match, conditions, groups };
}

/** A rule that says nothing yet. */
export function emptyDraft(): Draft {
  return {
    name: '',
    resource: 'ORDER',
    triggers: ['CREATED'],
    when: group('ALL', []),
    addTags: [],
    removeTags: [],
    resetOnMismatch: false,
    priority: '10',
    enabled: true,
  };
}

/** The draft of a saved rule. */
export function draftOf(rule: RuleFullFragment): Draft {
  return {
    name: rule.name,
    resource: rule.resource,
    triggers: [...rule.triggers],
    when: groupOf(rule.when),
    addTags: [...rule.addTags],
    removeTags: [...rule.removeTags],
    resetOnMismatch: rule.resetOnMismatch,
    priority: String(rule.priority),
    enabled: rule.enabled,
  };
}

/** A group as the API gives it, which is any JSON to the types. */
export function groupOf(json: unknown): Group {
  const of = (json ?? {}) as Partial<ConditionGroupInput>;
  return group(
    of.match === 'ANY' ? 'ANY' : 'ALL',
    (of.conditions ?? []).map((one) => condition(one.field, one.operator, [...(one.values ?? [])])),
    (of.groups ?? []).map(groupOf),
  );
}

/** What the API takes. */
export function inputOf(draft: Draft): RuleInput {
  return {
    name: draft.name.trim(),
    resource: draft.resource,
    triggers: draft.triggers,
    when: groupInput(draft.when),
    addTags: draft.addTags,
    removeTags: draft.removeTags,
    resetOnMismatch: draft.resetOnMismatch,
    priority: Number.parseInt(draft.priority, 10) || 0,
    enabled: draft.enabled,
  };
}

function groupInput(of: Group): ConditionGroupInput {
  return {
    match: of.match,
    conditions: of.conditions.map((one) => ({
      field: one.field,
      operator: one.operator,
      values: valueCount(one.operator) === 'none' ? [] : one.values,
    })),
    groups: of.groups.map(groupInput),
  };
}

/** True where two drafts say the same. */
export function same(a: Draft, b: Draft): boolean {
  return JSON.stringify(inputOf(a)) === JSON.stringify(inputOf(b)) && a.priority === b.priority;
}

/** How many values an operator compares with. */
export function valueCount(operator: ConditionOperator): 'none' | 'one' | 'two' | 'many' {
  if (operator === 'IS_EMPTY' || operator === 'IS_NOT_EMPTY') return 'none';
  if (operator === 'BETWEEN') return 'two';
  if (operator === 'IN' || operator === 'NOT_IN') return 'many';
  return 'one';
}

/** The condition with another operator, keeping the values that still fit. */
export function withOperator(of: Condition, operator: ConditionOperator): Condition {
  const count = valueCount(operator);
  const values = { none: [], one: of.values.slice(0, 1), two: of.values.slice(0, 2), many: of.values }[count];
  return { ...of, operator, values };
}

/** The condition on another field: the operator stays where that field has it, the values go. */
export function withField(
  of: Condition,
  field: { name: string; type: RuleFieldType; operators: readonly ConditionOperator[] },
): Condition {
  const operator = field.operators.includes(of.operator) ? of.operator : field.operators[0];
  return { ...of, field: field.name, operator: operator ?? 'EQUALS', values: [] };
}

/** Errors of the API by the path of the field they name, without the argument's own name. */
export function errorsByPath(
  errors: readonly { field: readonly string[] | null; message: string }[],
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const error of errors) {
    const path = [...(error.field ?? [])];
    while (path[0] === 'input' || path[0] === 'rule') path.shift();
    const at = path.join('.');
    found.set(at, found.has(at) ? `${found.get(at)} ${error.message}` : error.message);
  }
  return found;
}

/** The error of a field: of the path itself, or of anything inside it. */
export function errorAt(errors: ReadonlyMap<string, string>, path: string): string | undefined {
  for (const [at, message] of errors) {
    if (at === path || at.startsWith(`${path}.`)) return message;
  }
  return undefined;
}

/** The record that a person means by a global id, an address of the admin or the number in it. */
export function resourceId(typed: string, resource: ResourceType): string | undefined {
  const text = typed.trim();
  if (/^gid:\/\/shopify\/\w+\/\d+/.test(text)) return text;
  const digits = /(?:^|\/)#?(\d+)(?:[?#].*)?$/.exec(text)?.[1];
  const type = { ORDER: 'Order', CUSTOMER: 'Customer', PRODUCT: 'Product', VARIANT: 'ProductVariant' }[
    resource
  ];
  return digits && `gid://shopify/${type}/${digits}`;
}
