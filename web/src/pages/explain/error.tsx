import { Button, EmptyState, Section } from '../../ui';

/** Answers that could not be read, or a question that cannot be asked. */
export function ExplainError(props: { message: string | undefined; onRetry: () => void }) {
  return (
    <Section label="Answers">
      <EmptyState
        heading="There is no answer"
        icon="alert-circle"
        actions={
          <Button variant="primary" onClick={props.onRetry}>
            Try again
          </Button>
        }
      >
        {props.message ?? 'Nothing is lost. Check your connection and try again.'}
      </EmptyState>
    </Section>
  );
}
