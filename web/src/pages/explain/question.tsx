import { useNavigate } from 'react-router';
import { useQuery } from 'urql';
import { RecordDocument, type ResourceType, RuleChoicesDocument } from '../../generated/graphql';
import { explainHref, recordHref } from '../../parts/links';
import { Badge, Button, Link, Section, Select, Stack, Text } from '../../ui';
import { nameOf, typeName } from '../record/words';
import { Finder } from './finder';

/** What is asked about: a record that is found or chosen, and one rule or all. */
export function Question({ record, rule }: { record: string; rule: string }) {
  const navigate = useNavigate();
  const [{ data }] = useQuery({ query: RuleChoicesDocument });
  const all = data?.rules.nodes ?? [];
  const of = resourceTypeOf(record) ?? all.find((one) => one.id === rule)?.resource;
  const rules = all.filter((one) => !of || one.resource === of || one.id === rule);
  return (
    <Section heading="Record and rule">
      <Stack>
        {record ? (
          <Chosen key={record} record={record} rule={rule} />
        ) : (
          <Finder key={of} type={of} href={(id) => explainHref({ record: id, rule })} />
        )}
        <Select
          label="Rule"
          value={rule || 'all'}
          options={[
            { value: 'all', label: 'Every rule about this kind of record' },
            ...rules.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={(id) =>
            navigate(explainHref({ record, rule: id === 'all' ? '' : id }), { replace: true })
          }
        />
      </Stack>
    </Section>
  );
}

function Chosen({ record, rule }: { record: string; rule: string }) {
  const [{ data }] = useQuery({ query: RecordDocument, variables: { id: record } });
  const known = data?.resource;
  return (
    <Stack inline gap="small" align="center" justify="space-between">
      <Stack inline gap="small-200" align="center">
        <Link href={recordHref(record)}>{known?.title || nameOf(record)}</Link>
        {known && <Text subdued>{typeName(known.type)}</Text>}
        {known?.deletedAt && <Badge tone="critical">Deleted</Badge>}
      </Stack>
      <Button icon="search" href={explainHref({ rule })}>
        Change record
      </Button>
    </Stack>
  );
}

const types: Record<string, ResourceType> = {
  Order: 'ORDER',
  Customer: 'CUSTOMER',
  Product: 'PRODUCT',
  ProductVariant: 'VARIANT',
};

/** What kind of record a global id names. */
function resourceTypeOf(id: string): ResourceType | undefined {
  return types[/^gid:\/\/shopify\/(\w+)\//.exec(id)?.[1] ?? ''];
}
