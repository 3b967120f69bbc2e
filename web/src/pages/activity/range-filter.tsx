import { useState } from 'react';
import { useZone } from '../../parts/shop';
import { Button, ChoiceList, DateRangePicker, Popover, Stack, Text } from '../../ui';
import { dayOf, dayRange, type Preset, presets, timeRange } from '../../words/dates';
import { type Filters, ranged } from './filters';
import { reach } from './search';

export const rangeNames: Record<Preset, string> = {
  today: 'Today',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
  custom: 'Custom',
};

/** What the range of the filters is called in the shop's zone. */
export function rangeName(filters: Filters, zone: string): string {
  if (reach(filters.search) !== null) return 'As searched';
  const { span } = filters;
  if (!span) return rangeNames[filters.range];
  return 'first' in span ? dayRange(span.first, span.last) : timeRange(span.from, span.to, zone);
}

/** The date range: presets, and days of one's own. */
export function RangeFilter(props: { filters: Filters; onChange: (filters: Filters) => void }) {
  const { filters, onChange } = props;
  const zone = useZone();
  const [choosing, setChoosing] = useState(false);
  const custom = choosing || filters.range === 'custom';
  const choose = (range: Preset | undefined) => {
    if (!range) return;
    setChoosing(range === 'custom');
    if (range !== 'custom') onChange(ranged(filters, range));
  };
  const days = filters.span && 'first' in filters.span ? filters.span : null;
  return (
    <>
      <Button opens="range-filter" icon="calendar">
        {rangeName(filters, zone)}
      </Button>
      <Popover id="range-filter">
        <Stack gap="small">
          <ChoiceList
            label="Date range"
            values={[custom ? 'custom' : filters.range]}
            choices={presets.map((preset) => ({ value: preset, label: rangeNames[preset] }))}
            onChange={([range]) => choose(range)}
          />
          {custom && (
            <DateRangePicker
              today={dayOf(new Date(), zone)}
              value={days}
              onChange={(span) => onChange(ranged(filters, span))}
            />
          )}
          <Text subdued>Days of the shop: {zone.replaceAll('_', ' ')}</Text>
        </Stack>
      </Popover>
    </>
  );
}
