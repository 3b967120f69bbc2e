import type { ActivityStatus } from '../../generated/graphql';
import { Banner, Code, Fold, Paragraph, Text } from '../../ui';
import { plural } from '../../words/words';
import type { Entry } from './page';

const headings: Record<ActivityStatus, string> = {
  PENDING: 'It did not work yet and will be tried again',
  IN_PROGRESS: 'It is being tried again',
  SUCCESS: 'It worked after a failure',
  WARNING: 'Not everything worked',
  FAILED: 'It failed',
};

/** Warnings where all of it worked, and a person has to go on. */
const handedOver = ['HAND_OVER', 'STILL_NAMED'];

/** What went wrong and what to do, with the code's own words folded away. */
export function Failure({ error, status }: { error: NonNullable<Entry['error']>; status: ActivityStatus }) {
  const heading = handedOver.includes(error.code) ? 'Something is left for you to do' : headings[status];
  return (
    <Banner tone={status === 'FAILED' ? 'critical' : 'warning'} heading={heading}>
      <Paragraph>{error.message}</Paragraph>
      <Text subdued>
        {error.attempts > 0 && `${plural(error.attempts, 'attempt')} · `}code {error.code}
      </Text>
      {error.stack && (
        <Fold summary="Where in the code">
          <Code>{error.stack}</Code>
        </Fold>
      )}
    </Banner>
  );
}
