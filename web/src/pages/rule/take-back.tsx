import { useState } from 'react';
import type { RuleFullFragment } from '../../generated/graphql';
import { RevertDialog, type RevertTarget } from '../../parts/revert';
import { useShop, useZone } from '../../parts/shop';
import { Badge, DateField, FieldError, Pair, Paragraph, Text } from '../../ui';
import { type Day, dayOf, isDay } from '../../words/dates';
import { ruleWindow } from './window';

/** Asks for a window of time, and takes back what the rule did in it. On Free it says that this is of the Pro plan. */
export function TakeBack(props: { rule: RuleFullFragment; open: boolean; onClose: () => void }) {
  const { rule } = props;
  const shop = useShop();
  const zone = useZone();
  const today = dayOf(new Date(), zone);
  const [days, setDays] = useState<{ first: Day; last: Day }>({ first: today, last: today });
  const window = ruleWindow(days.first, days.last, zone);
  const pro = shop?.plan !== 'FREE';
  const target: RevertTarget | null = window && pro ? { ruleId: rule.id, ...window } : null;
  const change = (to: Partial<typeof days>) => setDays({ ...days, ...to });
  return (
    <RevertDialog
      heading={`Take back what ${rule.name} did?`}
      open={props.open}
      target={target}
      resource={rule.resource}
      onClose={props.onClose}
    >
      <Paragraph>
        The tags that the rule put on or took off in these days, both included. The rule itself stays as it
        is: switch it off first if it would do the same again.
      </Paragraph>
      <Pair>
        <DateField
          label="From"
          value={days.first}
          error={isDay(days.first) ? undefined : 'Choose a day.'}
          onChange={(first) => change({ first })}
        />
        <DateField
          label="To"
          value={days.last}
          error={isDay(days.last) ? undefined : 'Choose a day.'}
          onChange={(last) => change({ last })}
        />
      </Pair>
      {isDay(days.first) && isDay(days.last) && !window && (
        <FieldError message="The first day is after the last one." />
      )}
      {!pro && (
        <Text>
          <Badge tone="info">Pro</Badge> Taking back what a rule did belongs to the Pro plan.
        </Text>
      )}
    </RevertDialog>
  );
}
