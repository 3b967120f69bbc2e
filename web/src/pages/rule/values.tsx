import { ChipsField, DateField, NumberField, Pair, Select, TextField } from '../../ui';
import { inDays, sentence } from '../../words/words';
import { type Condition, valueCount } from './draft';
import type { RuleField } from './sections';

interface Props {
  condition: Condition;
  field: RuleField | undefined;
  currency: string;
  error: string | undefined;
  onChange: (values: string[]) => void;
}

/** What a condition compares with, in the field that suits its type. */
export function Values(props: Props) {
  const { condition, error, onChange } = props;
  const count = valueCount(condition.operator);
  if (count === 'none') return <span />;
  if (count === 'many') {
    return (
      <ChipsField
        label="Values"
        quiet
        placeholder="Type a value and press Enter"
        error={error}
        values={condition.values}
        onChange={onChange}
      />
    );
  }
  const [first = '', second = ''] = condition.values;
  if (count === 'two') {
    return (
      <Pair>
        <Value {...props} label="From" value={first} onValue={(value) => onChange([value, second])} />
        <Value
          {...props}
          label="To"
          error={undefined}
          value={second}
          onValue={(value) => onChange([first, value])}
        />
      </Pair>
    );
  }
  return <Value {...props} label="Value" value={first} onValue={(value) => onChange([value])} />;
}

function Value(props: Props & { label: string; value: string; onValue: (value: string) => void }) {
  const { field, condition } = props;
  const shared = {
    label: props.label,
    quiet: true,
    error: props.error,
    value: props.value,
    onChange: props.onValue,
  };
  if (inDays(condition.operator)) return <NumberField {...shared} whole min={0} suffix="days" />;
  const exact = condition.operator === 'EQUALS' || condition.operator === 'NOT_EQUALS';
  if (field?.type === 'BOOLEAN') {
    const options = [
      { value: 'true', label: 'Yes' },
      { value: 'false', label: 'No' },
    ];
    return <Select {...shared} placeholder="Choose" options={options} />;
  }
  if (field?.choices && exact) {
    const options = field.choices.map((value) => ({ value, label: sentence(value) }));
    return <Select {...shared} placeholder="Choose" options={options} />;
  }
  switch (field?.type) {
    case 'NUMBER':
    case 'NUMBER_LIST':
      return <NumberField {...shared} />;
    case 'MONEY':
    case 'MONEY_LIST':
      return <NumberField {...shared} suffix={props.currency} />;
    case 'DATE':
      return <DateField {...shared} />;
    default:
      return <TextField {...shared} />;
  }
}
