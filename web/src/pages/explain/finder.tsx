import { useEffect, useState } from 'react';
import { useQuery } from 'urql';
import { ResourcesDocument, type ResourceType } from '../../generated/graphql';
import { Ago } from '../../parts/entry';
import { useNow } from '../../parts/now';
import { Bones, Button, FieldError, Pair, Picks, SearchField, Select, Stack, Text } from '../../ui';
import { resources } from '../../words/words';
import { typeName } from '../record/words';

/** How long after the last letter the search begins, in milliseconds. */
const pause = 250;

type Wanted = ResourceType | 'any';

/** Finds a record by name, number or id; each found one is a link. */
export function Finder(props: { type: ResourceType | undefined; href: (id: string) => string }) {
  const [typed, setTyped] = useState('');
  const [type, setType] = useState<Wanted>(props.type ?? 'any');
  const search = useSettled(typed.trim());
  return (
    <Stack gap="small">
      <Pair>
        <SearchField
          label="Find a record"
          placeholder="#1042, a name, or an id"
          details="An order’s number, a customer’s or product’s name, or the number at the end of its address in the admin"
          value={typed}
          onChange={setTyped}
        />
        <Select<Wanted>
          label="Kind"
          value={type}
          options={[
            { value: 'any', label: 'Orders, customers and products' },
            ...(['ORDER', 'CUSTOMER', 'PRODUCT'] as const).map((value) => ({
              value,
              label: `${resources[value]}s`,
            })),
          ]}
          onChange={setType}
        />
      </Pair>
      {search !== '' && <Found search={search} type={type} href={props.href} />}
    </Stack>
  );
}

function Found({ search, type, href }: { search: string; type: Wanted; href: (id: string) => string }) {
  const [{ data, error, fetching }, read] = useQuery({
    query: ResourcesDocument,
    variables: { search, type: type === 'any' ? undefined : type },
    requestPolicy: 'network-only',
  });
  const now = useNow();
  if (error) {
    return (
      <Stack gap="small-200">
        <FieldError message="The search did not work." />
        <Button onClick={() => read()}>Try again</Button>
      </Stack>
    );
  }
  if (!data) return <Bones lines={3} label="Searching" />;
  if (data.resources.length === 0 && !fetching) {
    return (
      <Text subdued>
        Nothing found. A record that has not changed since Tagtrail was installed is found by its id: the
        number at the end of its address in the admin.
      </Text>
    );
  }
  return (
    <Picks
      label="Found records"
      picks={data.resources.map((one) => ({
        key: one.id,
        href: href(one.id),
        name: one.title,
        about: (
          <>
            {typeName(one.type)}
            {one.deletedAt ? ' · deleted ' : one.changedAt ? ' · changed ' : ' · never heard of'}
            {(one.deletedAt ?? one.changedAt) && (
              <Ago at={one.deletedAt ?? one.changedAt ?? ''} now={now} lower />
            )}
          </>
        ),
      }))}
    />
  );
}

/** A text once it has not changed for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), pause);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
