import { StatusBadge } from '../../parts/entry';
import { useZone } from '../../parts/shop';
import { ChainList, type ChainStep, Hint, Link, Section, Text } from '../../ui';
import { exactTime } from '../../words/dates';
import { type ChainLine, chainLines } from './chain-lines';
import type { Entry } from './page';

/** What led to the entry and what came of it, with how long each step took. */
export function Chain({ entry }: { entry: Entry }) {
  const effects = entry.effects.nodes;
  const causes = [entry.cause?.cause, entry.cause].filter((row) => row != null);
  if (causes.length === 0 && effects.length === 0) return null;
  const steps = chainLines({ row: entry, causes, effects }).map(
    (line): ChainStep => ({
      key: line.row.id,
      depth: line.depth,
      current: line.current,
      content: <Line line={line} />,
    }),
  );
  return (
    <Section heading="Cause and effects">
      <ChainList steps={steps} />
      {entry.effects.pageInfo.hasNextPage && (
        <Text subdued>The first {effects.length} effects are shown.</Text>
      )}
    </Section>
  );
}

function Line({ line: { row, current, after } }: { line: ChainLine }) {
  const zone = useZone();
  return (
    <>
      {current ? <Text strong>{row.summary}</Text> : <Link href={`/activity/${row.id}`}>{row.summary}</Link>}
      {current ? <Text subdued>this entry</Text> : <StatusBadge status={row.status} />}
      {after && (
        <Hint title={exactTime(row.occurredAt, zone)}>
          <Text subdued>{after}</Text>
        </Hint>
      )}
    </>
  );
}
