import type { Match } from '../../generated/graphql';
import { Button, FieldError, FieldGroup, Row, Select, Stack, Text } from '../../ui';
import { operator as operatorWords, sentence } from '../../words/words';
import {
  type Condition,
  condition,
  errorAt,
  type Group,
  group as newGroup,
  withField,
  withOperator,
} from './draft';
import type { RuleField } from './sections';
import { Values } from './values';

/** How deep groups may stand in each other here; a deeper one that was saved elsewhere is still shown. */
const deepest = 2;

interface Shared {
  path: string;
  fields: readonly RuleField[];
  currency: string;
  errors: ReadonlyMap<string, string>;
}

/** Conditions joined by all or any, with groups inside. */
export function ConditionGroup(
  props: Shared & { group: Group; depth: number; onChange: (group: Group) => void; onRemove?: () => void },
) {
  const { group, depth, path, fields, onChange, ...shared } = props;
  const change = (part: Partial<Group>) => onChange({ ...group, ...part });
  const first = fields.find((field) => field.name === 'total_price') ?? fields[0];
  const blank = () => condition(first?.name ?? '', first?.operators[0] ?? 'EQUALS');
  return (
    <FieldGroup
      nested={depth > 0}
      head={
        <>
          <Select<Match>
            label={depth === 0 ? 'The rule matches when' : 'This group holds when'}
            value={group.match}
            options={[
              { value: 'ALL', label: 'all of these hold' },
              { value: 'ANY', label: 'any of these holds' },
            ]}
            onChange={(match) => change({ match })}
          />
          {props.onRemove && (
            <Button variant="tertiary" icon="delete" label="Remove group" onClick={props.onRemove} />
          )}
        </>
      }
    >
      {group.conditions.map((one, index) => (
        <ConditionRow
          key={one.key}
          {...shared}
          path={`${path}.conditions.${index}`}
          fields={fields}
          condition={one}
          onChange={(next) =>
            change({ conditions: group.conditions.map((other) => (other === one ? next : other)) })
          }
          onRemove={() => change({ conditions: group.conditions.filter((other) => other !== one) })}
        />
      ))}
      {group.groups.map((one, index) => (
        <ConditionGroup
          key={one.key}
          {...shared}
          path={`${path}.groups.${index}`}
          fields={fields}
          group={one}
          depth={depth + 1}
          onChange={(next) => change({ groups: group.groups.map((other) => (other === one ? next : other)) })}
          onRemove={() => change({ groups: group.groups.filter((other) => other !== one) })}
        />
      ))}
      {group.conditions.length + group.groups.length === 0 && (
        <Text subdued>
          {depth === 0 ? 'Without conditions the rule matches every record.' : 'This group is empty.'}
        </Text>
      )}
      <FieldError message={props.errors.get(path) ?? props.errors.get(`${path}.conditions`)} />
      <Stack inline gap="small-200">
        <Button icon="plus" onClick={() => change({ conditions: [...group.conditions, blank()] })}>
          Add condition
        </Button>
        {depth < deepest && (
          <Button
            variant="tertiary"
            icon="plus"
            onClick={() =>
              change({
                groups: [...group.groups, newGroup(group.match === 'ALL' ? 'ANY' : 'ALL', [blank()])],
              })
            }
          >
            Add group
          </Button>
        )}
      </Stack>
    </FieldGroup>
  );
}

function ConditionRow(
  props: Shared & { condition: Condition; onChange: (condition: Condition) => void; onRemove: () => void },
) {
  const { path, errors, fields, onChange } = props;
  const one = props.condition;
  const field = fields.find((other) => other.name === one.field);
  const known = field ? fields : [...fields, unknown(one)];
  return (
    <>
      <Row>
        <Select
          label="Field"
          quiet
          error={errorAt(errors, `${path}.field`)}
          value={one.field}
          options={known.map((other) => ({
            value: other.name,
            label: other.label,
            group: groupOf(other.name),
          }))}
          onChange={(name) => {
            const next = fields.find((other) => other.name === name);
            if (next) onChange(withField(one, next));
          }}
        />
        <Select
          label="Comparison"
          quiet
          error={errorAt(errors, `${path}.operator`)}
          value={one.operator}
          options={(field?.operators ?? [one.operator]).map((value) => ({
            value,
            label: operatorWords(value, field?.type),
          }))}
          onChange={(operator) => onChange(withOperator(one, operator))}
        />
        <Values
          condition={one}
          field={field}
          currency={props.currency}
          error={errorAt(errors, `${path}.values`)}
          onChange={(values) => onChange({ ...one, values })}
        />
        <Button variant="tertiary" icon="x" label="Remove condition" onClick={props.onRemove} />
      </Row>
      {field?.queried && (
        <Text subdued>
          {field.label}: asked of Shopify for each record, because webhooks no longer carry it.
        </Text>
      )}
      <FieldError message={errors.get(path)} />
    </>
  );
}

/** A field that the API does not offer, as it may be in a rule of an older version. */
function unknown(of: Condition): RuleField {
  return {
    name: of.field,
    label: sentence(of.field),
    type: 'TEXT',
    operators: [of.operator],
    queried: false,
    choices: null,
  };
}

/** The heading under which a field stands in the list: its record's part. */
function groupOf(name: string): string {
  const part = /^(\w+)\./.exec(name)?.[1];
  if (part) return sentence(part);
  if (name.startsWith('shipping_')) return 'Shipping';
  if (name.endsWith('_at') || name.includes('date')) return 'Dates';
  return 'Record';
}
