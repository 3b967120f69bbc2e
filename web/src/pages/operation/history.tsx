import { useZone } from '../../parts/shop';
import { Section, Timeline } from '../../ui';
import { exactTime, shopTime } from '../../words/dates';
import { steps } from '../../words/words';
import type { Operation } from './page';

/** Who started it, cancelled it, tried again what failed or took it back, and when. */
export function History({ history }: { history: Operation['activity']['history'] }) {
  const zone = useZone();
  if (history.length === 0) return null;
  return (
    <Section heading="History">
      <Timeline
        steps={history.map((step, index) => ({
          key: `${index} ${step.at}`,
          name: steps[step.status],
          note: step.note,
          time: shopTime(step.at, zone),
          hover: exactTime(step.at, zone),
        }))}
      />
    </Section>
  );
}
