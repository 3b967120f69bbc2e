import { useSearchParams } from 'react-router';
import { Page } from '../../ui';
import { Answers } from './answers';
import { Question } from './question';

/** Why did a rule, or each rule, act on a record or not: also where nothing ever happened. */
export function ExplainPage() {
  const [query] = useSearchParams();
  const record = query.get('record') ?? '';
  const rule = query.get('rule') ?? '';
  return (
    <Page
      heading="Why didn’t a rule fire?"
      back={{ href: '/', label: 'Activity' }}
      lead="Pick a record, and each rule says what it made of it and why"
    >
      <Question record={record} rule={rule} />
      {record && <Answers key={`${record} ${rule}`} record={record} rule={rule} />}
    </Page>
  );
}
