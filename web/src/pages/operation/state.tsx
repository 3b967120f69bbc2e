import { OperationBar } from '../../parts/operation';
import { isRunning, progressWords } from '../../parts/operation-words';
import { Figures, Section, Spoken, Stack, Text } from '../../ui';
import { operationStatuses, outcomes } from '../../words/operations';
import { number } from '../../words/words';
import type { Operation } from './page';

/** How far it has come, and what became of the records so far. */
export function State({ operation }: { operation: Operation }) {
  const { status, progress } = operation;
  const running = isRunning(status);
  return (
    <Section heading={running ? 'Progress' : 'Result'}>
      <Stack>
        {running && (
          <Stack gap="small-300">
            <OperationBar status={status} counts={progress} />
            <Text tabular>{progressWords(status, progress)}</Text>
            {progress.waitingFor && <Text subdued>Waiting for {lowered(progress.waitingFor)}</Text>}
          </Stack>
        )}
        <Figures
          figures={[
            { name: outcomes.SUCCEEDED, value: number(progress.succeeded), tone: 'success' },
            { name: outcomes.UNCHANGED, value: number(progress.unchanged) },
            {
              name: outcomes.FAILED,
              value: number(progress.failed),
              ...(progress.failed > 0 ? { tone: 'critical' as const } : {}),
            },
            ...(progress.conflicts > 0
              ? [{ name: outcomes.CONFLICT, value: number(progress.conflicts), tone: 'warning' as const }]
              : []),
            ...(progress.skipped > 0 ? [{ name: outcomes.SKIPPED, value: number(progress.skipped) }] : []),
          ]}
        />
        {/* A screen reader is told of each status, not of each record. */}
        <Spoken live>{operationStatuses[status]}</Spoken>
      </Stack>
    </Section>
  );
}

/** The words inside a sentence; a name such as Shopify keeps its capital. */
function lowered(words: string): string {
  return /^(The|A|An) /.test(words) ? words.charAt(0).toLowerCase() + words.slice(1) : words;
}
