import { useMemo, useRef, useState } from 'react';
import { Button, type ComboboxHandle, stepThrough, Tabs, Toolbar, useKeys } from '../../ui';
import { FilterChips } from './chips';
import { FilterBar } from './filter-bar';
import { type Filters, type Tab, tabName, tabs } from './filters';
import { Help } from './help';
import type { Names } from './known';
import { rowLinks } from './rows';
import { SearchBox } from './search-box';
import { ViewsMenu } from './views-menu';

/** All that decides what the list shows: the views, the tabs with their counts, the search, and the filters. */
export function ActivityToolbar(props: {
  filters: Filters;
  counts: Partial<Record<Tab, string>>;
  names: Names;
  /** What is wrong with the search. */
  wrong?: string;
  /** The names are about to be needed. */
  onAsk: () => void;
  onChange: (filters: Filters, how?: { replace: boolean }) => void;
}) {
  const { filters, names, onAsk, onChange } = props;
  const [helping, setHelping] = useState(false);
  const search = useRef<ComboboxHandle>(null);
  const known = useMemo(
    () => ({ actors: names.actors.map(({ name }) => name), rules: names.rules.map(({ name }) => name) }),
    [names],
  );
  useKeys({
    j: () => stepThrough(rowLinks(), 1),
    k: () => stepThrough(rowLinks(), -1),
    '/': () => search.current?.focus(),
    '?': () => setHelping(true),
    Escape: () =>
      rowLinks()
        .find((link) => link === document.activeElement)
        ?.blur(),
  });
  return (
    <>
      <Toolbar end={<ViewsMenu filters={filters} onChange={onChange} />}>
        <Tabs
          label="Categories"
          selected={filters.tab}
          tabs={tabs.map((tab) => ({ id: tab, name: tabName(tab), count: props.counts[tab] }))}
          onSelect={(tab) => onChange({ ...filters, tab })}
        />
      </Toolbar>
      <Toolbar wrap>
        <SearchBox
          ref={search}
          search={filters.search}
          error={props.wrong}
          known={known}
          onAsk={onAsk}
          // What is typed letter by letter is one step back in the browser's history, not ten.
          onSearch={(text, { typing }) =>
            onChange({ ...filters, search: text }, { replace: typing && filters.search !== '' })
          }
        />
        <Button
          icon="question-circle"
          variant="tertiary"
          label="Keys and search"
          onClick={() => setHelping(true)}
        />
        <FilterBar filters={filters} names={names} onAsk={onAsk} onChange={onChange} />
        <FilterChips filters={filters} names={names} onChange={onChange} />
      </Toolbar>
      <Help open={helping} onClose={() => setHelping(false)} />
    </>
  );
}
