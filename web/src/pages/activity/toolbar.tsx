import { useState } from 'react';
import { useZone } from '../../parts/shop';
import {
  Button,
  ChoiceList,
  DateRangePicker,
  FilterChip,
  Popover,
  Stack,
  Tabs,
  Text,
  Toolbar,
} from '../../ui';
import { dayOf, dayRange, type Preset, presets } from '../../words/dates';
import { sentence, statuses, types } from '../../words/words';
import { cleared, type Filters, isNarrowed, shownStatuses, type Tab, tabName, tabs } from './filters';

const rangeNames: Record<Preset, string> = {
  today: 'Today',
  '24h': 'Last 24 hours',
  '7d': '7 days',
  '30d': '30 days',
  custom: 'Custom',
};

type Change = (filters: Filters) => void;

/** The tabs with their counts, and the filters. */
export function ActivityToolbar(props: {
  filters: Filters;
  counts: Partial<Record<Tab, string>>;
  onChange: Change;
}) {
  const { filters, onChange } = props;
  return (
    <>
      <Toolbar>
        <Tabs
          label="Categories"
          selected={filters.tab}
          tabs={tabs.map((tab) => ({ id: tab, name: tabName(tab), count: props.counts[tab] }))}
          onSelect={(tab) => onChange({ ...filters, tab })}
        />
      </Toolbar>
      <Toolbar wrap>
        <RangeFilter filters={filters} onChange={onChange} />
        <Button opens="status-filter" icon="filter">
          Status
        </Button>
        <Popover id="status-filter">
          <ChoiceList
            label="Status"
            multiple
            values={filters.statuses}
            choices={shownStatuses.map((status) => ({ value: status, label: statuses[status] }))}
            onChange={(values) => onChange({ ...filters, statuses: values })}
          />
        </Popover>
        <Button opens="type-filter" icon="filter">
          Type
        </Button>
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
        {!isTrouble(filters) && (
          <Button
            variant="tertiary"
            icon="alert-triangle"
            onClick={() => onChange({ ...filters, statuses: ['WARNING', 'FAILED'] })}
          >
            Failed and warning
          </Button>
        )}
        <FilterChips filters={filters} onChange={onChange} />
      </Toolbar>
    </>
  );
}

function isTrouble(filters: Filters): boolean {
  return filters.statuses.join() === 'WARNING,FAILED';
}

function FilterChips({ filters, onChange }: { filters: Filters; onChange: Change }) {
  if (!isNarrowed(filters)) return null;
  const chips: [string, Filters][] = [
    ...filters.statuses.map((status): [string, Filters] => [
      `Status: ${statuses[status]}`,
      { ...filters, statuses: filters.statuses.filter((other) => other !== status) },
    ]),
    ...filters.types.map((type): [string, Filters] => [
      `Type: ${types[type]}`,
      { ...filters, types: filters.types.filter((other) => other !== type) },
    ]),
  ];
  if (filters.entity)
    chips.push([`Record: ${recordName(filters.entity)}`, { ...filters, entity: undefined }]);
  if (filters.entityType) {
    chips.push([`Records: ${sentence(filters.entityType)}`, { ...filters, entityType: undefined }]);
  }
  if (filters.rule) chips.push(['One rule', { ...filters, rule: undefined }]);
  if (filters.actor) chips.push(['One actor', { ...filters, actor: undefined }]);
  return (
    <>
      {chips.map(([name, without]) => (
        <FilterChip key={name} onRemove={() => onChange(without)}>
          {name}
        </FilterChip>
      ))}
      <Button variant="tertiary" onClick={() => onChange(cleared(filters))}>
        Clear all
      </Button>
    </>
  );
}

/** A global id as a person may know it: Order 123. */
function recordName(id: string): string {
  const parts = /^gid:\/\/shopify\/(\w+)\/(\w+)/.exec(id);
  return parts ? `${parts[1]} ${parts[2]}` : id;
}

function RangeFilter({ filters, onChange }: { filters: Filters; onChange: Change }) {
  const zone = useZone();
  const [choosing, setChoosing] = useState(filters.range === 'custom');
  const name =
    filters.range === 'custom' && filters.first && filters.last
      ? dayRange(filters.first, filters.last)
      : rangeNames[filters.range];
  const choose = (range: Preset | undefined) => {
    if (!range) return;
    setChoosing(range === 'custom');
    if (range !== 'custom') onChange({ ...filters, range, first: undefined, last: undefined });
  };
  const today = dayOf(new Date(), zone);
  return (
    <>
      <Button opens="range-filter" icon="calendar">
        {name}
      </Button>
      <Popover id="range-filter">
        <Stack gap="small">
          <ChoiceList
            label="Date range"
            values={[choosing ? 'custom' : filters.range]}
            choices={presets.map((preset) => ({ value: preset, label: rangeNames[preset] }))}
            onChange={([range]) => choose(range)}
          />
          {choosing && (
            <>
              <DateRangePicker
                today={today}
                value={filters.first && filters.last ? { first: filters.first, last: filters.last } : null}
                onChange={({ first, last }) => onChange({ ...filters, range: 'custom', first, last })}
              />
              <Text subdued>Days of the shop: {zone.replaceAll('_', ' ')}</Text>
            </>
          )}
        </Stack>
      </Popover>
    </>
  );
}
