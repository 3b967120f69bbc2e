import { useMemo } from 'react';
import type { ActivityInterval } from '../../generated/graphql';
import { useZone } from '../../parts/shop';
import {
  BarChart,
  Button,
  ChartGround,
  ChartHead,
  type ChartSeries,
  Legend,
  Link,
  Section,
  SpokenTable,
  Text,
  useNarrow,
} from '../../ui';
import { shopTime } from '../../words/dates';
import { count, number, statuses } from '../../words/words';
import {
  axisNames,
  barAt,
  barName,
  barsOf,
  barWords,
  ceiling,
  countsOf,
  heights,
  joined,
  moved,
  spanOf,
  stacked,
} from './chart';
import { type Filters, ranged, type ShownStatus, sameStatuses } from './filters';
import { rangeName } from './range-filter';
import type { Stats } from './stats';

/** The height of the plot in pixels. */
const plot = 64;

const colors: Record<ShownStatus, ChartSeries['color']> = {
  PENDING: 'pending',
  SUCCESS: 'success',
  WARNING: 'warning',
  FAILED: 'failed',
};
const series = stacked.map((status) => ({ name: statuses[status], color: colors[status] }));

/** How many entries there are over time, by status. Dragging over it sets the range. */
export function ActivityChart(props: {
  filters: Filters;
  stats: Stats;
  step: ActivityInterval;
  onChange: (filters: Filters) => void;
}) {
  const { filters, stats, onChange } = props;
  const { chart } = stats;
  const zone = useZone();
  const counts = chart && countsOf(chart.byStatus);
  return (
    <Section label="Entries over time">
      <ChartHead name={rangeName(filters, zone)}>
        {counts && chart && (
          <>
            <Text subdued>{count(chart.total)} entries</Text>
            <Legend
              items={(['SUCCESS', 'WARNING', 'FAILED', 'PENDING'] as const).map((status) => ({
                name: statuses[status].toLowerCase(),
                color: colors[status],
                count: number(counts[status]),
                chosen: filters.statuses.includes(status),
                onChoose: () =>
                  onChange({
                    ...filters,
                    statuses: sameStatuses(filters.statuses, [status]) ? [] : [status],
                  }),
              }))}
            />
            {counts.FAILED > 0 && <Link href="/failures">Failures by cause</Link>}
          </>
        )}
      </ChartHead>
      <Plot {...props} />
      {chart?.countedSince && <CountedSince at={chart.countedSince} />}
    </Section>
  );
}

function Plot(props: {
  filters: Filters;
  stats: Stats;
  step: ActivityInterval;
  onChange: (filters: Filters) => void;
}) {
  const { filters, stats, step, onChange } = props;
  const zone = useZone();
  const most = useNarrow() ? 48 : 124;
  const points = stats.chart?.series;
  const bars = useMemo(() => barsOf(points ?? [], step, zone, most), [points, step, zone, most]);
  const drawn = useMemo(() => {
    const top = ceiling(Math.max(0, ...bars.map((bar) => bar.total)));
    return {
      top,
      empty: bars.every((bar) => bar.total === 0),
      axis: axisNames(bars, step, zone),
      bars: bars.map((bar) => ({
        key: bar.from,
        name: barName(bar, step, zone),
        words: barWords(bar),
        parts: heights(
          stacked.map((status) => bar.counts[status]),
          top,
          plot,
        ),
      })),
    };
  }, [bars, step, zone]);

  if (stats.failed) {
    return (
      <ChartGround plot={plot + axisHeight}>
        <Text subdued>The counts could not be loaded.</Text>{' '}
        <Button variant="tertiary" onClick={stats.refresh}>
          Try again
        </Button>
      </ChartGround>
    );
  }
  if (!points) return <ChartGround plot={plot + axisHeight} label="Loading the chart" />;
  if (bars.length === 0) {
    return (
      <ChartGround plot={plot + axisHeight}>
        <Text subdued>Nothing to count.</Text>
      </ChartGround>
    );
  }
  return (
    <>
      <BarChart
        label="Entries over time. Drag to set the date range."
        bars={drawn.bars}
        series={series}
        plot={plot}
        top={drawn.empty ? '' : number(drawn.top)}
        axis={drawn.axis}
        move={(choice, key, shift) => moved(choice, key, shift, bars.length)}
        describe={(one, other) => {
          const bar = joined(bars, one, other);
          return bar ? { name: barName(bar, step, zone), words: barWords(bar) } : { name: '', words: '' };
        }}
        barAt={(x, width) => barAt(x, width, bars.length)}
        onChoose={(one, other) => {
          const span = spanOf(bars, one, other, step, zone);
          if (span) onChange(ranged(filters, span));
        }}
      />
      <SpokenTable
        caption="Entries over time by status"
        heads={['Time', ...series.map(({ name }) => name)]}
        rows={bars.map((bar, at) => ({
          key: bar.from,
          cells: [drawn.bars[at]?.name ?? '', ...stacked.map((status) => bar.counts[status])],
        }))}
      />
    </>
  );
}

/** What the names under the bars take, in pixels. */
const axisHeight = 20;

function CountedSince(props: { at: string }) {
  const zone = useZone();
  return (
    <Text subdued>
      So many match that only the newest 10,000 are counted here: those since {shopTime(props.at, zone)}.
    </Text>
  );
}
