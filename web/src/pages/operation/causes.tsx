import { isRunning } from '../../parts/operation-words';
import { Badge, Button, Items, Paragraph, Section, Stack, Text } from '../../ui';
import { cause, records } from '../../words/operations';
import { number } from '../../words/words';
import type { Operation } from './page';

/** The cause of what was left when an operation was stopped, which is nothing gone wrong. */
const notTried = 'OPERATION_CANCELLED';

/** What went wrong, the most frequent cause first, and what can be done about it. */
export function Causes(props: { operation: Operation; busy: boolean; onRetry: () => void }) {
  const { operation } = props;
  const { causes, failedItemsURL, retryable, resource, status, progress } = operation;
  if (causes.length === 0) return null;
  const again = progress.failed + (status === 'CANCELLED' ? progress.skipped : 0);
  return (
    <Section heading={causes.every((one) => one.code === notTried) ? 'What is left' : 'What went wrong'}>
      <Stack>
        <Items
          label="Causes"
          items={causes.map((one) => ({
            key: `${one.code} ${one.message}`,
            head: (
              <>
                <Text strong>{cause(one.code)}</Text>
                <Badge tone={one.code === notTried ? 'neutral' : 'critical'}>
                  {records(one.count, resource)}
                </Badge>
              </>
            ),
            children: <Paragraph>{one.message}</Paragraph>,
          }))}
        />
        {(retryable || failedItemsURL) && (
          <Stack inline gap="small">
            {retryable && !isRunning(status) && (
              <Button icon="refresh" busy={props.busy} onClick={props.onRetry}>
                {status === 'CANCELLED' ? `Retry ${number(again)}` : `Retry failed ${number(again)}`}
              </Button>
            )}
            {failedItemsURL && (
              <Button icon="download" href={failedItemsURL} download="failed-items.csv">
                Download failed items (CSV)
              </Button>
            )}
          </Stack>
        )}
      </Stack>
    </Section>
  );
}
