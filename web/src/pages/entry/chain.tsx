import type { ActivityRowFragment } from '../../generated/graphql';
import { Ago, StatusBadge } from '../../parts/entry';
import { useNow } from '../../parts/now';
import { ChainList, type ChainStep, Link, Section, Text } from '../../ui';
import type { Entry } from './page';

/** What led to the entry and what came of it, as a small chain. */
export function Chain({ entry }: { entry: Entry }) {
  const now = useNow();
  const effects = entry.effects.nodes;
  if (!entry.cause && effects.length === 0) return null;

  const above = [entry.cause?.cause, entry.cause].filter((row) => row != null);
  const steps: ChainStep[] = [
    ...above.map((row, depth) => ({ key: row.id, depth, content: <Line row={row} now={now} /> })),
    {
      key: entry.id,
      depth: above.length,
      current: true,
      content: (
        <>
          <Text strong>{entry.summary}</Text>
          <Text subdued>this entry</Text>
        </>
      ),
    },
    ...effects.map((row) => ({
      key: row.id,
      depth: above.length + 1,
      content: <Line row={row} now={now} />,
    })),
  ];
  return (
    <Section heading="Cause and effects">
      <ChainList steps={steps} />
      {entry.effects.pageInfo.hasNextPage && (
        <Text subdued>The first {effects.length} effects are shown.</Text>
      )}
    </Section>
  );
}

function Line({ row, now }: { row: ActivityRowFragment; now: number }) {
  return (
    <>
      <Link href={`/activity/${row.id}`}>{row.summary}</Link>
      <StatusBadge status={row.status} />
      <Text subdued>
        <Ago at={row.occurredAt} now={now} />
      </Text>
    </>
  );
}
