import type { EvaluationFragment } from '../generated/graphql';
import { Check, Text } from '../ui';
import { condition } from '../words/words';
import { useFieldNames } from './fields';

/** Each condition in words, with the record's actual value and whether it held. */
export function Conditions(props: { conditions: EvaluationFragment['conditions'] }) {
  const field = useFieldNames();
  if (props.conditions.length === 0)
    return <Text subdued>The rule has no conditions: it matches every record.</Text>;
  return props.conditions.map((one) => {
    const { label, type } = field(one.field);
    return (
      <Check
        key={`${one.field} ${one.operator} ${one.expected.join()}`}
        passed={one.passed}
        text={condition(label, one.operator, one.expected, type)}
        actual={`actual ${one.actual.length > 0 ? one.actual.join(', ') : 'empty'}`}
        hint={one.hint}
      />
    );
  });
}
