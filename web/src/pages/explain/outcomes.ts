// What each outcome of an explanation is called and which sign it gets. Pure, so that it is tested.
import type { BadgeTone, Icon, Tone } from '../../ui';
import { sentence } from '../../words/words';

/** How an outcome is shown. */
export interface Outcome {
  name: string;
  icon: Icon;
  tone: Tone;
  badge: BadgeTone;
}

const outcomes: Record<string, Outcome> = {
  APPLIED: { name: 'Applied', icon: 'check-circle', tone: 'success', badge: 'success' },
  UNCHANGED: { name: 'Nothing to change', icon: 'check-circle', tone: 'neutral', badge: 'neutral' },
  REMOVED_LATER: { name: 'Removed later', icon: 'minus-circle', tone: 'warning', badge: 'warning' },
  NOT_MATCHED: { name: 'Conditions not met', icon: 'x-circle', tone: 'neutral', badge: 'neutral' },
  DISABLED: { name: 'Switched off', icon: 'pause-circle', tone: 'neutral', badge: 'neutral' },
  OTHER_TRIGGER: { name: 'Another trigger', icon: 'minus-circle', tone: 'neutral', badge: 'neutral' },
  OUTRANKED: { name: 'Outranked', icon: 'arrow-up', tone: 'info', badge: 'info' },
  DUPLICATE: { name: 'Sent twice', icon: 'duplicate', tone: 'info', badge: 'info' },
  PAUSED: { name: 'Paused', icon: 'pause-circle', tone: 'warning', badge: 'warning' },
  PENDING: { name: 'Waiting', icon: 'clock', tone: 'caution', badge: 'caution' },
  REFUSED: { name: 'Refused by Shopify', icon: 'alert-circle', tone: 'critical', badge: 'critical' },
  NO_WEBHOOK: { name: 'Nothing arrived', icon: 'question-circle', tone: 'warning', badge: 'warning' },
};

/** An outcome as it is shown; one that this page does not know yet by its name. */
export function outcomeOf(code: string): Outcome {
  return outcomes[code] ?? { name: sentence(code), icon: 'info', tone: 'neutral', badge: 'neutral' };
}

/** The answers that a person looks for first: what went wrong before what was as it should be. */
const order = [
  'REFUSED',
  'PENDING',
  'PAUSED',
  'NO_WEBHOOK',
  'REMOVED_LATER',
  'APPLIED',
  'UNCHANGED',
  'OUTRANKED',
  'DUPLICATE',
  'NOT_MATCHED',
  'OTHER_TRIGGER',
  'DISABLED',
];

/** The answers in the order in which a person looks for them; those of one kind stay as they came. */
export function inOrder<Answer extends { outcome: string }>(answers: readonly Answer[]): Answer[] {
  const place = ({ outcome }: Answer) => (order.includes(outcome) ? order.indexOf(outcome) : order.length);
  return [...answers].sort((a, b) => place(a) - place(b));
}
