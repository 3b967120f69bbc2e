import { Hint } from '../ui';
import { exactTime, shopTime } from '../words/dates';
import { useZone } from './shop';

/** A time in the shop's zone with the exact one, in UTC too, on hover. */
export function WhenExactly(props: { at: string }) {
  const zone = useZone();
  return <Hint title={exactTime(props.at, zone)}>{shopTime(props.at, zone)}</Hint>;
}
