import { useParams, useSearchParams } from 'react-router';
import { useQuery } from 'urql';
import { isNotFound } from '../../api/client';
import { RuleDocument } from '../../generated/graphql';
import { RuleEmpty } from './empty';
import { RuleError } from './error';
import { RuleForm } from './form';
import { RuleSkeleton } from './skeleton';
import { draftFrom } from './templates';

/** One rule, or a new one: its form, a test of it, its versions. */
export function RulePage() {
  const { id = '' } = useParams();
  const [search] = useSearchParams();
  if (id === 'new') return <RuleForm key="new" start={draftFrom(search.get('from'))} rule={null} />;
  return <SavedRule key={id} id={id} />;
}

function SavedRule({ id }: { id: string }) {
  const [{ data, error, fetching }, read] = useQuery({ query: RuleDocument, variables: { id } });
  if (data?.rule) return <RuleForm rule={data.rule} start={null} />;
  if (isNotFound(error)) return <RuleEmpty />;
  if (error) return <RuleError onRetry={() => read({ requestPolicy: 'network-only' })} />;
  return fetching || !data ? <RuleSkeleton /> : <RuleEmpty />;
}
