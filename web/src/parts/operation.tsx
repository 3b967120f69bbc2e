// How an operation's status, progress and records are shown wherever they are.
import { useState } from 'react';
import type { CountsFragment, ItemOutcome, OperationStatus } from '../generated/graphql';
import { Badge, type BadgeTone, Button, ChangeChip, Chips, Progress, type Tone } from '../ui';
import { operationStatuses, outcomes } from '../words/operations';
import { number } from '../words/words';
import { done, isRunning, progressWords } from './operation-words';
import { shownTags } from './tag-changes';

const tones: Record<OperationStatus, BadgeTone> = {
  QUEUED: 'neutral',
  COLLECTING: 'caution',
  RUNNING: 'caution',
  CANCELLING: 'caution',
  COMPLETED: 'success',
  COMPLETED_WITH_WARNINGS: 'warning',
  CANCELLED: 'neutral',
  FAILED: 'critical',
};

/** An operation's status in words and a colour, with a spinner while it goes on. */
export function OperationBadge(props: { status: OperationStatus }) {
  const { status } = props;
  return (
    <Badge tone={tones[status]} busy={isRunning(status) && status !== 'QUEUED'}>
      {operationStatuses[status]}
    </Badge>
  );
}

const outcomeTones: Record<ItemOutcome, BadgeTone> = {
  PENDING: 'neutral',
  SUCCEEDED: 'success',
  UNCHANGED: 'neutral',
  FAILED: 'critical',
  SKIPPED: 'neutral',
  CONFLICT: 'warning',
};

/** What became of a record in words and a colour. */
export function OutcomeBadge(props: { outcome: ItemOutcome }) {
  return <Badge tone={outcomeTones[props.outcome]}>{outcomes[props.outcome]}</Badge>;
}

/** How far an operation has come, as a bar; a screen reader is told the words. */
export function OperationBar(props: { status: OperationStatus; counts: CountsFragment }) {
  const { status, counts } = props;
  return (
    <Progress
      label={progressWords(status, counts)}
      value={isRunning(status) ? done(counts) : counts.total}
      max={counts.total}
      tone={barTone(status)}
    />
  );
}

function barTone(status: OperationStatus): Tone {
  if (isRunning(status)) return 'auto';
  if (status === 'COMPLETED') return 'success';
  return status === 'FAILED' ? 'critical' : 'warning';
}

/** A record's tags before and after as chips: what changed first, and a few of those that stay. */
export function TagChips(props: { before: unknown; after: unknown }) {
  const [all, setAll] = useState(false);
  const { chips, more } = shownTags(props.before, props.after, all);
  if (chips.length === 0) return null;
  return (
    <Chips>
      {chips.map(({ tag, kind }) => (
        <ChangeChip key={`${kind} ${tag}`} kind={kind}>
          {tag}
        </ChangeChip>
      ))}
      {more > 0 && (
        <Button variant="tertiary" onClick={() => setAll(true)}>{`Show ${number(more)} more`}</Button>
      )}
    </Chips>
  );
}
