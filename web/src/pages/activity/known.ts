// The names behind ids, and what the search can suggest: asked for only once something needs them.
import { useMemo } from 'react';
import { useQuery } from 'urql';
import { LogActorsDocument, RecordNameDocument, RuleNamesDocument } from '../../generated/graphql';
import { useZone } from '../../parts/shop';
import { dayOf, intervalOf } from '../../words/dates';
import { sentence } from '../../words/words';
import type { Filters } from './filters';

export interface Names {
  /** Who did something in the last 30 days, the busiest first. */
  actors: { id: string; name: string }[];
  rules: { id: string; name: string }[];
  /** The title of the record that the filters name. */
  record?: string;
}

/** The names that the filters need; all that can be suggested, once asked for. */
export function useNames(filters: Filters, asked: boolean): Names {
  const zone = useZone();
  const today = dayOf(new Date(), zone);
  const month = useMemo(() => intervalOf('30d', new Date(`${today}T12:00:00Z`), zone), [today, zone]);
  const [{ data: actors }] = useQuery({
    query: LogActorsDocument,
    variables: { filter: month, interval: 'DAY' },
    pause: !asked && filters.actors.length === 0,
  });
  const [{ data: rules }] = useQuery({ query: RuleNamesDocument, pause: !asked && !filters.rule });
  const [{ data: record }] = useQuery({
    query: RecordNameDocument,
    variables: { id: filters.entity ?? '' },
    pause: !filters.entity,
  });
  const title = record?.resource?.id === filters.entity ? record?.resource?.title : undefined;
  return useMemo(
    () => ({
      actors: (actors?.activityStats.byActor ?? []).flatMap(({ actor }) =>
        actor.id ? [{ id: actor.id, name: actor.name || sentence(actor.type) }] : [],
      ),
      rules: rules?.rules.nodes ?? [],
      record: title,
    }),
    [actors, rules, title],
  );
}

/** What an id is called among some; the end of the id where it is not among them. */
export function nameOf(id: string, list: readonly { id: string; name: string }[]): string {
  return list.find((one) => one.id === id)?.name ?? (id.split('/').pop() || id);
}

/** A record as a person may know it: its title, or what its global id says. */
export function recordName(id: string, title: string | undefined): string {
  if (title) return title;
  const parts = /^gid:\/\/shopify\/(\w+)\/(\w+)/.exec(id);
  return parts ? `${parts[1]} ${parts[2]}` : id;
}
