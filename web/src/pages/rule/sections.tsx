import { useQuery } from 'urql';
import { type ResourceType, RuleFieldsDocument, type RuleFieldsQuery } from '../../generated/graphql';
import { useShop } from '../../parts/shop';
import {
  Checkbox,
  ChipsField,
  ChoiceList,
  FieldError,
  NumberField,
  Pair,
  Section,
  Select,
  Stack,
  TextField,
} from '../../ui';
import { resources } from '../../words/words';
import { ConditionGroup } from './conditions';
import { type Draft, errorAt, group } from './draft';

export type RuleField = RuleFieldsQuery['ruleFields'][number];

type Change = (draft: Draft) => void;
interface Part {
  draft: Draft;
  errors: ReadonlyMap<string, string>;
  onChange: Change;
}

const noFields: RuleField[] = [];

/** The parts of the form, one under the other. */
export function RuleFieldsSections(props: Part) {
  const { draft, errors, onChange } = props;
  const [{ data }] = useQuery({ query: RuleFieldsDocument, variables: { resource: draft.resource } });
  const shop = useShop();
  return (
    <>
      <Basics {...props} />
      <Section heading="Conditions">
        <ConditionGroup
          path="when"
          group={draft.when}
          depth={0}
          fields={data?.ruleFields ?? noFields}
          currency={shop?.currency ?? ''}
          errors={errors}
          onChange={(when) => onChange({ ...draft, when })}
        />
      </Section>
      <Section heading="Tags">
        <Stack>
          <ChipsField
            label="Add tags"
            placeholder="Type a tag and press Enter"
            details="A tag may hold values of the record, such as country-{{shipping_country}}"
            error={errorAt(errors, 'addTags')}
            values={draft.addTags}
            onChange={(addTags) => onChange({ ...draft, addTags })}
          />
          <ChipsField
            label="Remove tags"
            placeholder="Type a tag and press Enter"
            error={errorAt(errors, 'removeTags')}
            values={draft.removeTags}
            onChange={(removeTags) => onChange({ ...draft, removeTags })}
          />
          <Checkbox
            label="Take the tags off when the record no longer matches"
            details="Only tags that this rule put on are taken off"
            checked={draft.resetOnMismatch}
            onChange={(resetOnMismatch) => onChange({ ...draft, resetOnMismatch })}
          />
        </Stack>
      </Section>
      <Section heading="Running">
        <Stack>
          <Pair>
            <NumberField
              label="Priority"
              whole
              details="Lower goes first: its decision about a tag stands"
              error={errorAt(errors, 'priority')}
              value={draft.priority}
              onChange={(priority) => onChange({ ...draft, priority })}
            />
          </Pair>
          <Checkbox
            label="Enabled"
            checked={draft.enabled}
            onChange={(enabled) => onChange({ ...draft, enabled })}
          />
        </Stack>
      </Section>
    </>
  );
}

function Basics({ draft, errors, onChange }: Part) {
  const triggers = [
    { value: 'CREATED' as const, label: 'When a record is created' },
    { value: 'UPDATED' as const, label: 'When a record changes' },
  ];
  const changeResource = (resource: ResourceType) => {
    // Another resource has other fields, so the conditions start anew.
    if (resource !== draft.resource) onChange({ ...draft, resource, when: group(draft.when.match, []) });
  };
  return (
    <Section heading="Rule">
      <Stack>
        <Pair>
          <TextField
            label="Name"
            details="Shown in the log"
            required
            error={errorAt(errors, 'name')}
            value={draft.name}
            onChange={(name) => onChange({ ...draft, name })}
          />
          <Select
            label="Looks at"
            error={errorAt(errors, 'resource')}
            value={draft.resource}
            options={(['ORDER', 'CUSTOMER', 'PRODUCT'] as const).map((value) => ({
              value,
              label: `${resources[value]}s`,
            }))}
            onChange={changeResource}
          />
        </Pair>
        <ChoiceList
          label="When"
          multiple
          values={draft.triggers}
          choices={triggers}
          onChange={(values) => onChange({ ...draft, triggers: values })}
        />
        <FieldError message={errorAt(errors, 'triggers')} />
      </Stack>
    </Section>
  );
}
