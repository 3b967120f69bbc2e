import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { useMutation, useQuery } from 'urql';
import {
  ExportCancelDocument,
  ExportRenewDocument,
  type ExportRowFragment,
  ExportsDocument,
} from '../../generated/graphql';
import { useLiveExports } from '../../parts/live-export';
import { useTrail } from '../../parts/trail';
import { toast } from '../../shopify/admin';
import { Banner, Page, Section } from '../../ui';
import { NoExports } from './empty';
import { ExportsError } from './error';
import { lead } from './lead';
import { ExportRows } from './rows';
import { ExportBones } from './skeleton';
import { isOpen } from './words';

const pageSize = 50;
const none: ExportRowFragment[] = [];
// An empty list names no export, so it says itself that it depends on them.
const context = { additionalTypenames: ['Export'] };

// A browser keeps only six connections to a server open; the newest that are written are watched.
const mostWatched = 3;

/** The files of the log, newest first, and those that are being written. */
export function ExportsPage() {
  const [query] = useSearchParams();
  const navigate = useNavigate();
  const after = query.get('after');
  const [{ data, error, stale }, read] = useQuery({
    query: ExportsDocument,
    variables: { first: pageSize, after },
    context,
    requestPolicy: 'cache-and-network',
  });
  const reread = () => read({ requestPolicy: 'network-only' });
  const [cancelling, cancel] = useMutation(ExportCancelDocument);
  const [renewing, renew] = useMutation(ExportRenewDocument);
  const [problem, setProblem] = useState<string>();
  const ended = (refused: string | undefined, said: string) => {
    setProblem(refused);
    if (!refused) toast(said);
  };

  const rows = data?.exports.nodes ?? none;
  const live = useLiveExports(
    rows
      .filter((row) => isOpen(row.status))
      .slice(0, mostWatched)
      .map((row) => row.id),
    reread,
  );
  const shown = rows.map((row) => (isOpen(row.status) ? (live.get(row.id) ?? row) : row));
  const trail = useTrail(after, (to) => navigate({ search: to ? `after=${encodeURIComponent(to)}` : '' }));
  return (
    <Page heading="Exports" size="large" lead={lead}>
      {problem && <Banner tone="warning" heading={problem} onDismiss={() => setProblem(undefined)} />}
      <Section label="Exports" padding="none">
        {!data && error ? (
          <ExportsError onRetry={reread} />
        ) : !data ? (
          <ExportBones />
        ) : shown.length === 0 ? (
          <NoExports />
        ) : (
          <ExportRows
            rows={shown}
            loading={stale}
            busy={cancelling.fetching || renewing.fetching}
            paging={{
              next: data.exports.pageInfo.hasNextPage,
              previous: after !== null,
              onNext: () => trail.onNext(data.exports.pageInfo.endCursor),
              onPrevious: trail.onPrevious,
            }}
            onCancel={(id) =>
              void cancel({ id }).then(({ data, error }) =>
                ended(
                  error ? 'It could not be cancelled. Try again.' : data?.exportCancel.userErrors[0]?.message,
                  'Export cancelled',
                ),
              )
            }
            onRenew={(id) =>
              void renew({ id }).then(({ data, error }) =>
                ended(
                  error ? 'It could not be renewed. Try again.' : data?.exportRenew.userErrors[0]?.message,
                  'Link good for seven more days',
                ),
              )
            }
          />
        )}
      </Section>
    </Page>
  );
}
