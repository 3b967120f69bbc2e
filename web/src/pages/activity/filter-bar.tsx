import { useState } from 'react';
import { useQuery } from 'urql';
import { RecordsDocument } from '../../generated/graphql';
import {
  Button,
  ChipsField,
  ChoiceList,
  PickList,
  Popover,
  Scroll,
  Stack,
  Strip,
  Text,
  TextField,
} from '../../ui';
import { actions, sentence, statuses, types } from '../../words/words';
import { type Filters, sameStatuses, shownStatuses } from './filters';
import type { Names } from './known';
import { RangeFilter } from './range-filter';

type Change = (filters: Filters) => void;

interface Props {
  filters: Filters;
  names: Names;
  /** The names are about to be needed. */
  onAsk: () => void;
  onChange: Change;
}

/** A button for each way to narrow the list. */
export function FilterBar(props: Props) {
  const { filters, onChange } = props;
  return (
    <Strip label="Filters">
      <RangeFilter filters={filters} onChange={onChange} />
      {!sameStatuses(filters.statuses, trouble) && (
        <Button icon="alert-triangle" onClick={() => onChange({ ...filters, statuses: [...trouble] })}>
          Failed and warning
        </Button>
      )}
      <StatusFilter {...props} />
      <TypeFilter {...props} />
      <UserFilter {...props} />
      <RecordFilter {...props} />
      <ActionFilter {...props} />
      <RuleFilter {...props} />
      <OperationFilter {...props} />
    </Strip>
  );
}

const trouble = ['WARNING', 'FAILED'] as const;

function StatusFilter({ filters, onChange }: Props) {
  return (
    <>
      <Button opens="status-filter">Status</Button>
      <Popover id="status-filter">
        <ChoiceList
          label="Status"
          multiple
          values={filters.statuses}
          choices={shownStatuses.map((status) => ({ value: status, label: statuses[status] }))}
          onChange={(values) => onChange({ ...filters, statuses: values })}
        />
      </Popover>
    </>
  );
}

function TypeFilter({ filters, onChange }: Props) {
  return (
    <>
      <Button opens="type-filter">Type</Button>
      <Popover id="type-filter">
        <ChoiceList
          label="Type"
          multiple
          values={filters.types}
          choices={Object.entries(types).map(([value, label]) => ({
            value: value as keyof typeof types,
            label,
          }))}
          onChange={(values) => onChange({ ...filters, types: values })}
        />
      </Popover>
    </>
  );
}

function UserFilter({ filters, names, onAsk, onChange }: Props) {
  return (
    <>
      <Button opens="user-filter">User</Button>
      <Popover id="user-filter" onOpen={onAsk}>
        <Scroll>
          {names.actors.length === 0 ? (
            <Text subdued>Nobody did anything in the last 30 days.</Text>
          ) : (
            <ChoiceList
              label="Who did it"
              multiple
              values={filters.actors}
              choices={names.actors.map(({ id, name }) => ({ value: id, label: name }))}
              onChange={(values) => onChange({ ...filters, actors: values })}
            />
          )}
        </Scroll>
      </Popover>
    </>
  );
}

const kinds = ['Order', 'Customer', 'Product', 'Variant', 'Rule'];

function RecordFilter({ filters, onChange }: Props) {
  const [typed, setTyped] = useState('');
  const search = typed.trim();
  const [{ data, fetching }] = useQuery({
    query: RecordsDocument,
    variables: { search },
    pause: search.length === 0,
  });
  const found = search.length > 0 ? (data?.resources ?? []) : [];
  const others = filters.entityTypes.filter((type) => !kinds.includes(type));
  return (
    <>
      <Button opens="record-filter">Record</Button>
      <Popover id="record-filter">
        <Stack gap="base">
          <ChoiceList
            label="Kind of record"
            multiple
            values={filters.entityTypes}
            choices={[...kinds, ...others].map((kind) => ({ value: kind, label: sentence(kind) }))}
            onChange={(values) => onChange({ ...filters, entityTypes: values })}
          />
          <TextField
            label="One record"
            details="By name, number or id"
            value={typed}
            placeholder="#1042"
            onChange={setTyped}
          />
          {found.length > 0 && (
            <PickList
              label="Records"
              items={found.map(({ id, title, type }) => ({ id, name: title, details: sentence(type) }))}
              onPick={(id) => {
                setTyped('');
                onChange({ ...filters, entity: id });
              }}
            />
          )}
          {search && !fetching && found.length === 0 && <Text subdued>No record is known by this name.</Text>}
        </Stack>
      </Popover>
    </>
  );
}

function ActionFilter({ filters, onChange }: Props) {
  const own = filters.actions.filter((name) => !(name in actions));
  const known = filters.actions.filter((name) => name in actions);
  return (
    <>
      <Button opens="action-filter">Action</Button>
      <Popover id="action-filter">
        <Scroll>
          <Stack gap="base">
            <ChoiceList
              label="Action"
              multiple
              values={known}
              choices={Object.entries(actions).map(([value, label]) => ({ value, label }))}
              onChange={(values) => onChange({ ...filters, actions: [...values, ...own] })}
            />
            <ChipsField
              label="Other actions"
              details="By their name, such as RELEASE_CREATED"
              values={own}
              onChange={(values) => onChange({ ...filters, actions: [...known, ...values.map(codeOf)] })}
            />
          </Stack>
        </Scroll>
      </Popover>
    </>
  );
}

/** An action as the log names it, however it was typed: Release created is RELEASE_CREATED. */
function codeOf(typed: string): string {
  return typed
    .trim()
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, '_');
}

function RuleFilter({ filters, names, onAsk, onChange }: Props) {
  return (
    <>
      <Button opens="rule-filter">Rule</Button>
      <Popover id="rule-filter" onOpen={onAsk}>
        <Scroll>
          {names.rules.length === 0 ? (
            <Text subdued>There are no rules yet.</Text>
          ) : (
            <ChoiceList
              label="Caused by the rule"
              values={[filters.rule ?? '']}
              choices={[
                { value: '', label: 'Any, or none' },
                ...names.rules.map(({ id, name }) => ({ value: id, label: name })),
              ]}
              onChange={([rule]) => onChange({ ...filters, rule: rule || undefined })}
            />
          )}
        </Scroll>
      </Popover>
    </>
  );
}

function OperationFilter({ filters, onChange }: Props) {
  const [typed, setTyped] = useState('');
  return (
    <>
      <Button opens="operation-filter">Operation</Button>
      <Popover id="operation-filter">
        <Stack gap="small">
          <TextField label="Operation" details="Its id" value={typed} onChange={setTyped} />
          <Button
            disabled={typed.trim() === ''}
            onClick={() => {
              setTyped('');
              onChange({ ...filters, operation: typed.trim() });
            }}
          >
            Show its entries
          </Button>
        </Stack>
      </Popover>
    </>
  );
}
