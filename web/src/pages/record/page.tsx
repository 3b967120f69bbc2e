import { useEffect, useEffectEvent, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { useQuery } from 'urql';
import { listen } from '../../api/live';
import {
  ActivityChangedDocument,
  type ActivityRowFragment,
  RecordActivityDocument,
  RecordDocument,
} from '../../generated/graphql';
import { explainHref } from '../../parts/links';
import { useNow } from '../../parts/now';
import { adminHref } from '../../shopify/admin';
import { Button, HeldBar, Page, Section } from '../../ui';
import { ActivityRows } from '../activity/rows';
import { NoEntries, RecordEmpty } from './empty';
import { RecordError } from './error';
import { Lead } from './lead';
import { RecordSkeleton } from './skeleton';
import { Tags } from './tags';
import { subjectOf } from './words';

const pageSize = 50;
const none: ActivityRowFragment[] = [];
const nothingFresh: ReadonlySet<string> = new Set();

/** One record: its tags with who put them there, and all that happened to it, newest first. */
export function RecordPage() {
  const [query] = useSearchParams();
  const id = query.get('id') ?? '';
  return <OneRecord key={id} id={id} after={query.get('after')} before={query.get('before')} />;
}

function OneRecord({ id, after, before }: { id: string; after: string | null; before: string | null }) {
  const navigate = useNavigate();
  const [record, readRecord] = useQuery({
    query: RecordDocument,
    variables: { id },
    pause: id === '',
    requestPolicy: 'cache-and-network',
  });
  const paging = before ? { last: pageSize, before } : { first: pageSize, after };
  const [list, readList] = useQuery({
    query: RecordActivityDocument,
    variables: { ...paging, filter: { entityId: id } },
    pause: id === '',
    requestPolicy: 'cache-and-network',
  });
  const reread = () => {
    readRecord({ requestPolicy: 'network-only' });
    readList({ requestPolicy: 'network-only' });
  };
  const rows = list.data?.activities.nodes ?? none;
  const news = useNews(id, rows, !after && !before, reread);
  const now = useNow();

  if (!record.data || !list.data) {
    if (id === '') return <RecordEmpty id={id} />;
    return record.error || list.error ? <RecordError onRetry={reread} /> : <RecordSkeleton />;
  }
  const { resource } = record.data;
  if (!resource && rows.length === 0 && !after && !before) return <RecordEmpty id={id} />;

  const subject = subjectOf(id, resource, rows);
  const page = list.data.activities.pageInfo;
  const turn = (place: Record<string, string | null | undefined>) => {
    window.scrollTo({ top: 0 });
    const to = new URLSearchParams({ id });
    for (const [name, cursor] of Object.entries(place)) if (cursor) to.set(name, cursor);
    navigate({ search: `?${to}` });
  };
  return (
    <Page
      heading={subject.title}
      size="large"
      back={{ href: '/', label: 'Activity' }}
      lead={<Lead subject={subject} now={now} />}
      secondaryActions={
        subject.url && (
          <Button slot="secondary-actions" icon="external" href={adminHref(subject.url)}>
            {subject.shopify ? 'Open in Shopify' : 'Open'}
          </Button>
        )
      }
      primaryAction={
        subject.ruled && (
          <Button slot="primary-action" variant="primary" href={explainHref({ record: id })}>
            Why didn’t a rule fire?
          </Button>
        )
      }
    >
      {resource && subject.ruled && <Tags tags={resource.tags} deleted={resource.deletedAt !== null} />}
      <Section label="Activity" padding="none">
        {news.held > 0 && (
          <HeldBar>
            <Button
              icon="arrow-up"
              onClick={() => {
                window.scrollTo({ top: 0 });
                if (after || before) turn({});
                else news.show();
              }}
            >
              {`${news.held} new`}
            </Button>
          </HeldBar>
        )}
        {rows.length === 0 ? (
          <NoEntries />
        ) : (
          <ActivityRows
            rows={rows}
            fresh={nothingFresh}
            now={now}
            paging={{
              next: before ? true : page.hasNextPage,
              previous: after ? true : page.hasPreviousPage,
              onNext: () => turn({ after: page.endCursor }),
              onPrevious: () => turn({ before: page.startCursor }),
            }}
          />
        )}
      </Section>
    </Page>
  );
}

/**
 * Reads the record again when something happens to it. While the person reads further down, what is new waits until
 * it is asked for; what changes in a row that stands there is shown at once.
 */
function useNews(
  id: string,
  rows: readonly ActivityRowFragment[],
  firstPage: boolean,
  reread: () => void,
): { held: number; show: () => void } {
  const [held, setHeld] = useState<ReadonlySet<string>>(new Set());
  const show = () => {
    setHeld(new Set());
    reread();
  };
  const onChange = useEffectEvent((entry: string) => {
    const here = rows.some((row) => row.id === entry);
    if (here || (firstPage && window.scrollY < 80)) show();
    else setHeld((before) => new Set(before).add(entry));
  });
  const onAgain = useEffectEvent(reread);
  useEffect(() => {
    if (id === '') return;
    let first = true;
    return listen(
      ActivityChangedDocument,
      { filter: { entityId: id } },
      {
        next: ({ activityChanged }) => onChange(activityChanged.id),
        connected: () => {
          if (!first) onAgain();
          first = false;
        },
      },
    );
  }, [id]);
  return { held: held.size, show };
}
