import { useMemo, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { useMutation, useQuery } from 'urql';
import {
  type OperationInput,
  OperationStartDocument,
  type ResourceType,
  TagScanDocument,
  type TagScanQuery,
} from '../../generated/graphql';
import { Ago } from '../../parts/entry';
import { useLiveOperation } from '../../parts/live-operation';
import { useNow } from '../../parts/now';
import { OperationBar } from '../../parts/operation';
import { isRunning, progressWords, refusal } from '../../parts/operation-words';
import { Banner, Button, Inset, Page, Section, Select, Stack, Text, Toolbar } from '../../ui';
import { noun } from '../../words/operations';
import { plural, sentence } from '../../words/words';
import { chosenResources } from '../new-operation/draft';
import { Clean } from './clean';
import { NeverScanned, NothingWrong } from './empty';
import { CleanerError } from './error';
import { Findings } from './findings';
import { CleanerBones } from './skeleton';

type Scan = NonNullable<TagScanQuery['tagScan']>;

/** What is wrong with the tags of a kind of record, and what to make of it. */
export function CleanerPage() {
  const [query] = useSearchParams();
  const navigate = useNavigate();
  const asked = query.get('resource')?.toUpperCase();
  const resource = chosenResources.find((one) => one === asked) ?? 'PRODUCT';
  return (
    <OneKind
      key={resource}
      resource={resource}
      onChange={(to) => navigate({ search: to === 'PRODUCT' ? '' : `?resource=${to.toLowerCase()}` })}
    />
  );
}

function OneKind(props: { resource: ResourceType; onChange: (resource: ResourceType) => void }) {
  const { resource } = props;
  const [{ data, error }, read] = useQuery({
    query: TagScanDocument,
    variables: { resource },
    requestPolicy: 'cache-and-network',
  });
  const reread = () => read({ requestPolicy: 'network-only' });
  const scan = data?.tagScan ?? null;
  const running = scan ? isRunning(scan.operation.status) : false;
  const live = useLiveOperation(scan?.operation.id, running, reread);
  const start = useScan(resource, reread);
  const [mending, setMending] = useState<OperationInput | null>(null);
  const operation = running && live ? live : scan?.operation;
  const failed = scan?.operation.status === 'FAILED' ? scan.operation.error?.message : undefined;

  return (
    <Page
      heading="Data cleaner"
      lead="Finds tags that are misspelled, too long or malformed, and mends them"
      primaryAction={
        <Button
          slot="primary-action"
          variant="primary"
          icon="search"
          busy={start.busy}
          disabled={running || !data}
          onClick={() => void start.run()}
        >
          {scan ? 'Scan again' : 'Scan tags'}
        </Button>
      }
      secondaryActions={
        <Button slot="secondary-actions" onClick={() => setMending(mendInput(resource))}>
          Clean white space and malformed tags
        </Button>
      }
    >
      {start.problem && (
        <Banner tone="critical" heading="The scan was not started" onDismiss={start.dismiss}>
          {start.problem}
        </Banner>
      )}
      {failed && !start.problem && (
        <Banner tone="critical" heading="The last scan could not be finished">
          {failed}
        </Banner>
      )}
      <Section label="Scan" padding="none">
        <Toolbar wrap end={scan && !running && <LastScan scan={scan} />}>
          <Select<ResourceType>
            label="Tags of"
            quiet
            value={resource}
            options={chosenResources.map((value) => ({ value, label: sentence(noun(value)) }))}
            onChange={props.onChange}
          />
        </Toolbar>
        {!data && error ? (
          <CleanerError onRetry={reread} />
        ) : !data ? (
          <CleanerBones />
        ) : !scan || !operation ? (
          <NeverScanned resource={resource} busy={start.busy} onScan={() => void start.run()} />
        ) : running ? (
          <Scanning operation={operation} />
        ) : scan.findings.length === 0 ? (
          <NothingWrong scan={scan} resource={resource} />
        ) : null}
      </Section>
      {scan && !running && scan.findings.length > 0 && (
        <Findings key={scan.operation.id} findings={scan.findings} resource={resource} />
      )}
      <Clean
        heading={`Clean the tags of all ${noun(resource)}?`}
        about="White space at the ends goes, several spaces become one, leftovers of HTML and quotes around a tag are taken out, and tags that were meant to be several are split. All other tags stay as they are."
        verb="Clean"
        input={mending}
        resource={resource}
        onClose={() => setMending(null)}
      />
    </Page>
  );
}

function mendInput(resource: ResourceType): OperationInput {
  return { kind: 'DATA_CLEANUP', resource, selection: { all: true } };
}

/** Starts a scan. */
function useScan(resource: ResourceType, onStarted: () => void) {
  const [problem, setProblem] = useState<string>();
  const [{ fetching }, start] = useMutation(OperationStartDocument);
  const input = useMemo(
    (): OperationInput => ({ kind: 'TAG_SCAN', resource, selection: { all: true } }),
    [resource],
  );
  return {
    busy: fetching,
    problem,
    dismiss: () => setProblem(undefined),
    run: async () => {
      setProblem(undefined);
      const { data, error } = await start({ input }, { additionalTypenames: ['Operation', 'TagScan'] });
      const wrong = refusal(data?.operationStart.userErrors, error);
      if (wrong) setProblem(wrong);
      else onStarted();
    },
  };
}

function Scanning({ operation }: { operation: Pick<Scan['operation'], 'status' | 'progress'> }) {
  const { status, progress } = operation;
  return (
    <Inset>
      <Stack gap="small-300">
        <Text strong>Reading the tags</Text>
        <OperationBar status={status} counts={progress} />
        <Text subdued tabular>
          {progressWords(status, progress)}
        </Text>
        {progress.waitingFor && <Text subdued>Waiting for {progress.waitingFor}</Text>}
      </Stack>
    </Inset>
  );
}

function LastScan({ scan }: { scan: Scan }) {
  const now = useNow();
  return (
    <Text subdued>
      {`${plural(scan.tags, 'different tag')} · scanned `}
      <Ago at={scan.operation.finishedAt ?? scan.operation.createdAt} now={now} lower />
    </Text>
  );
}
