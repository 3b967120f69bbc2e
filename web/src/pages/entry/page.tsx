import { useEffect, useEffectEvent, useState } from 'react';
import { useParams, useSearchParams } from 'react-router';
import { useQuery } from 'urql';
import { isNotFound } from '../../api/client';
import { listen } from '../../api/live';
import {
  ActivityChangedDocument,
  ActivityDetailDocument,
  type ActivityDetailQuery,
  type ResourceType,
} from '../../generated/graphql';
import { StatusBadge } from '../../parts/entry';
import { useRetry } from '../../parts/retry';
import { RevertButton, RevertDialog } from '../../parts/revert';
import { WhenExactly } from '../../parts/when';
import { copy, linkTo } from '../../shopify/admin';
import { Banner, Button, Page, Text } from '../../ui';
import { Chain } from './chain';
import { DeliverySection } from './delivery';
import { Details } from './details';
import { EntryEmpty } from './empty';
import { EntryError } from './error';
import { Failure } from './failure';
import { History } from './history';
import { More } from './more';
import { SentSection } from './sent';
import { EntrySkeleton } from './skeleton';
import { WhatChanged } from './what';
import { Why } from './why';

export type Entry = NonNullable<ActivityDetailQuery['activity']>;

/** One entry: what changed, why, when, what led to it and what came of it. */
export function EntryPage() {
  const { id = '' } = useParams();
  const [{ data, error, fetching }, read] = useQuery({
    query: ActivityDetailDocument,
    variables: { id },
    requestPolicy: 'cache-and-network',
  });
  const entry = data?.activity;
  const reread = () => read({ requestPolicy: 'network-only' });
  useEntryChanges(id, entry?.entity?.id, reread);

  if (isNotFound(error) && !entry) return <EntryEmpty />;
  if (error && !entry) return <EntryError onRetry={reread} />;
  if (entry) return <Loaded entry={entry} />;
  return fetching || !data ? <EntrySkeleton /> : <EntryEmpty />;
}

function Loaded({ entry }: { entry: Entry }) {
  const retry = useRetry();
  const [query] = useSearchParams();
  // A row of the log leads here with the question.
  const [reverting, setReverting] = useState(query.has('revert') && entry.revertible);
  const subject =
    entry.entity && !entry.summary.includes(entry.entity.title) ? `${entry.entity.title} · ` : '';
  return (
    <Page
      heading={entry.summary}
      back={{ href: '/', label: 'Activity' }}
      lead={
        <>
          <StatusBadge status={entry.status} />
          <Text subdued>
            {subject}
            <WhenExactly at={entry.occurredAt} />
          </Text>
        </>
      }
      secondaryActions={
        <>
          <Button slot="secondary-actions" icon="link" onClick={() => copyLink(entry.id)}>
            Copy link
          </Button>
          <Button slot="secondary-actions" icon="duplicate" onClick={() => copyId(entry.id)}>
            Copy ID
          </Button>
          <RevertButton
            revertible={entry.revertible}
            notRevertible={entry.notRevertible}
            onClick={() => setReverting(true)}
          />
        </>
      }
      primaryAction={
        entry.retryable && (
          <Button
            slot="primary-action"
            variant="primary"
            icon="refresh"
            busy={retry.busy}
            onClick={() => void retry.run(entry.id)}
          >
            Retry
          </Button>
        )
      }
      aside={<Details entry={entry} onCopy={() => copyId(entry.id)} />}
    >
      {retry.problem && (
        <Banner tone="critical" heading="It was not tried again" onDismiss={retry.dismiss}>
          {retry.problem}
        </Banner>
      )}
      {entry.error && !retry.problem && <Failure error={entry.error} status={entry.status} />}
      <WhatChanged entry={entry} />
      <Why entry={entry} />
      <Chain entry={entry} />
      <History history={entry.history} />
      {entry.delivery && <DeliverySection delivery={entry.delivery} />}
      {entry.sent && <SentSection sent={entry.sent} />}
      <More entry={entry} />
      <RevertDialog
        heading={entry.operation ? 'Revert this operation?' : 'Revert this change?'}
        open={reverting}
        target={{ activityId: entry.id }}
        resource={entry.operation?.resource ?? resourceOf(entry.entity?.id)}
        onClose={() => setReverting(false)}
      />
    </Page>
  );
}

/** The kind of record that an id of Shopify's is of. */
function resourceOf(id: string | undefined): ResourceType | undefined {
  const type = /^gid:\/\/shopify\/(Order|Customer|Product)\//.exec(id ?? '')?.[1];
  return type ? (type.toUpperCase() as ResourceType) : undefined;
}

function copyLink(id: string): void {
  void copy(linkTo(`/activity/${id}`), 'Link copied');
}

function copyId(id: string): void {
  void copy(id, 'ID copied');
}

/** Reads the entry again when it changes, or when something comes of it. */
function useEntryChanges(id: string, entity: string | undefined, reread: () => void): void {
  const onChange = useEffectEvent(reread);
  useEffect(() => {
    let first = true;
    return listen(
      ActivityChangedDocument,
      { filter: entity ? { entityId: entity } : {} },
      {
        next: ({ activityChanged }) => {
          if (activityChanged.id === id || activityChanged.cause?.id === id) onChange();
        },
        connected: () => {
          if (!first) onChange();
          first = false;
        },
      },
    );
  }, [id, entity]);
}
