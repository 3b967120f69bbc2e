import { useZone } from '../../parts/shop';
import { Section, Text, Timeline } from '../../ui';
import { exactTime, preciseTime, span } from '../../words/dates';
import { steps } from '../../words/words';
import type { Entry } from './page';

/** Each status with its exact time, and how long the one before it lasted. */
export function History({ history }: { history: Entry['history'] }) {
  const zone = useZone();
  return (
    <Section heading="History">
      {history.length === 0 ? (
        <Text subdued>No steps were kept.</Text>
      ) : (
        <Timeline
          steps={history.map((step, index) => {
            const before = history[index - 1];
            return {
              key: `${step.status} ${step.at}`,
              name: steps[step.status],
              note: step.note,
              time: preciseTime(step.at, zone),
              hover: exactTime(step.at, zone),
              after: before && `after ${span(Date.parse(step.at) - Date.parse(before.at))}`,
            };
          })}
        />
      )}
    </Section>
  );
}
