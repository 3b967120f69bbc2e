// How an entry's status, time and actor are shown wherever they are.
import type { ActivityRowFragment, ActivityStatus } from '../generated/graphql';
import { Badge, type BadgeTone, Hint } from '../ui';
import { ago, exactTime } from '../words/dates';
import { actors, statuses } from '../words/words';
import { useZone } from './shop';

const tones: Record<ActivityStatus, BadgeTone> = {
  PENDING: 'caution',
  IN_PROGRESS: 'caution',
  SUCCESS: 'success',
  WARNING: 'warning',
  FAILED: 'critical',
};

/** A status in a word and a colour, with a spinner for work that runs. */
export function StatusBadge(props: { status: ActivityStatus }) {
  return (
    <Badge tone={tones[props.status]} busy={props.status === 'IN_PROGRESS'}>
      {statuses[props.status]}
    </Badge>
  );
}

/** A relative time with the exact one on hover; lower where it stands inside a sentence. */
export function Ago(props: { at: string; now: number; lower?: boolean }) {
  const zone = useZone();
  const words = ago(props.at, props.now);
  return (
    <Hint title={exactTime(props.at, zone)}>
      {props.lower ? words.replace('Just now', 'just now') : words}
    </Hint>
  );
}

type Named = Pick<ActivityRowFragment['actor'], 'type' | 'name'>;

/** Who did it, by name. */
export function actorName(actor: Named): string {
  if (actor.name) return actor.name;
  return actor.type === 'SYSTEM' ? 'System' : 'Unknown';
}

/** Who did it, with the kind where the name alone does not tell. */
export function actorTitle(actor: Named): string {
  const name = actorName(actor);
  if (actor.type === 'RULE' || actor.type === 'API') return `${actors[actor.type]}: ${name}`;
  return name;
}
