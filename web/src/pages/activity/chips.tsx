import { useZone } from '../../parts/shop';
import { Button, Chips, FilterChip } from '../../ui';
import { action, sentence, shortId, statuses, types } from '../../words/words';
import { cleared, type Filters, isNarrowed, ranged, toggled, without } from './filters';
import { type Names, nameOf, recordName } from './known';
import { rangeName } from './range-filter';

/** A filter that holds: its name, and the filters without it. */
export interface Chip {
  name: string;
  without: Filters;
}

/** The filters that hold, the search aside, which stands in its own field. */
export function chipsOf(filters: Filters, names: Names): Chip[] {
  const chips: Chip[] = [
    ...filters.statuses.map((status) => ({
      name: `Status: ${statuses[status]}`,
      without: { ...filters, statuses: toggled(filters.statuses, status) },
    })),
    ...filters.types.map((type) => ({
      name: `Type: ${types[type]}`,
      without: { ...filters, types: toggled(filters.types, type) },
    })),
    ...filters.actions.map((name) => ({
      name: `Action: ${action(name)}`,
      without: { ...filters, actions: toggled(filters.actions, name) },
    })),
    ...filters.actors.map((id) => ({
      name: `User: ${nameOf(id, names.actors)}`,
      without: { ...filters, actors: toggled(filters.actors, id) },
    })),
    ...filters.entityTypes.map((type) => ({
      name: `Records: ${sentence(type)}`,
      without: { ...filters, entityTypes: toggled(filters.entityTypes, type) },
    })),
  ];
  if (filters.entity) {
    chips.push({
      name: `Record: ${recordName(filters.entity, names.record)}`,
      without: without(filters, 'entity'),
    });
  }
  if (filters.rule) {
    chips.push({ name: `Rule: ${nameOf(filters.rule, names.rules)}`, without: without(filters, 'rule') });
  }
  if (filters.operation) {
    chips.push({
      name: `Operation: ${shortId(filters.operation)}`,
      without: without(filters, 'operation'),
    });
  }
  return chips;
}

/** The filters that hold, each with a way to drop it. */
export function FilterChips(props: { filters: Filters; names: Names; onChange: (filters: Filters) => void }) {
  const { filters, onChange } = props;
  const zone = useZone();
  const chips = chipsOf(filters, props.names);
  if (filters.range === 'custom') {
    chips.unshift({ name: rangeName(filters, zone), without: ranged(filters, '24h') });
  }
  if (chips.length === 0) return null;
  return (
    <Chips>
      {chips.map((chip) => (
        <FilterChip key={chip.name} onRemove={() => onChange(chip.without)}>
          {chip.name}
        </FilterChip>
      ))}
      {isNarrowed(filters) && (
        <Button variant="tertiary" onClick={() => onChange(cleared(filters))}>
          Clear all
        </Button>
      )}
    </Chips>
  );
}
