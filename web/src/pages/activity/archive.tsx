import { useRef, useState } from 'react';
import { useClient, useQuery } from 'urql';
import {
  type ActivityFilter,
  ArchivedActivitiesDocument,
  type ArchivedActivitiesQuery,
  ArchiveThereDocument,
} from '../../generated/graphql';
import { StatusBadge } from '../../parts/entry';
import { Banner, Button, Paragraph, Progress, Section, Spoken, Stack, Table, Text } from '../../ui';
import { dayRange, shopTime } from '../../words/dates';
import { number, plural } from '../../words/words';

type Found = ArchivedActivitiesQuery['archivedActivities'];

/** How many entries are shown before the search waits to be asked for more. */
const enough = 100;

/** What has left the log: looked through on demand, file by file, since it takes long. */
export function Archive({ filter, zone }: { filter: ActivityFilter; zone: string }) {
  const client = useClient();
  const [{ data }] = useQuery({ query: ArchiveThereDocument });
  const [rows, setRows] = useState<Found['nodes']>([]);
  const [last, setLast] = useState<Found>();
  const [state, setState] = useState<'idle' | 'searching' | 'failed'>('idle');
  const stopped = useRef(false);
  if (!data || data.storage.archiveEntries === 0) return null;

  const search = async () => {
    stopped.current = false;
    setState('searching');
    const found = last?.cursor ? [...rows] : [];
    let cursor = last?.cursor ?? null;
    const shownBefore = found.length;
    do {
      const result = await client
        .query(ArchivedActivitiesDocument, { filter, after: cursor }, { requestPolicy: 'network-only' })
        .toPromise();
      if (!result.data) {
        setState('failed');
        return;
      }
      const step = result.data.archivedActivities;
      found.push(...step.nodes);
      cursor = step.cursor;
      setRows([...found]);
      setLast(step);
    } while (cursor && !stopped.current && found.length - shownBefore < enough);
    setState('idle');
  };
  const searching = state === 'searching';
  const done = last !== undefined && !last.cursor;
  const progress = last && `${number(last.searched)} of ${plural(last.files, 'file')} searched`;
  const day = last?.searchedTo?.slice(0, 10);
  const back = day && `, back to ${dayRange(day, day)}`;
  return (
    <Section heading="Archive">
      <Stack>
        <Paragraph subdued>
          {plural(data.storage.archiveEntries, 'older entry has', 'older entries have')} left the log for the
          archive. Searching it is slow: its files are read one after the other, the newest first.
        </Paragraph>
        {state === 'failed' && (
          <Banner tone="critical" heading="The archive could not be read">
            Try again. If it stays so, whoever runs this server finds out more with tagtrail archive verify.
          </Banner>
        )}
        {last && searching && <Progress label="Files searched" value={last.searched} max={last.files} />}
        {last && (
          <Text subdued>
            {progress}
            {back}. {done && rows.length === 0 && 'Nothing in the archive matches.'}
          </Text>
        )}
        <Spoken live>{searching ? '' : (progress ?? '')}</Spoken>
        {!done && (
          <div>
            {searching ? (
              <Button
                onClick={() => {
                  stopped.current = true;
                }}
              >
                Stop
              </Button>
            ) : (
              <Button onClick={() => void search()}>
                {last ? 'Search further' : 'Search the archive, too'}
              </Button>
            )}
          </div>
        )}
        {rows.length > 0 && (
          <Table
            columns={[
              { name: 'Time', list: 'secondary' },
              { name: 'Actor', list: 'secondary' },
              { name: 'Event', list: 'primary' },
              { name: 'Status', list: 'inline' },
            ]}
            rows={rows.map((row) => ({
              id: row.id,
              cells: [
                <Text key="time" subdued>
                  {shopTime(row.occurredAt, zone)}
                </Text>,
                row.actor.name,
                row.summary,
                <StatusBadge key="status" status={row.status} />,
              ],
            }))}
          />
        )}
      </Stack>
    </Section>
  );
}
