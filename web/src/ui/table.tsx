import { type ReactNode, useSyncExternalStore } from 'react';

export interface Column {
  name: string;
  /** Where it stands when the table is a list, on a narrow screen. */
  list: 'primary' | 'secondary' | 'inline' | 'kicker' | 'labeled';
}

export interface TableRow {
  id: string;
  /** The id of the link in the row that a click anywhere follows. */
  link?: string;
  fresh?: boolean;
  cells: readonly ReactNode[];
}

/** Rows under headings; on a narrow screen a list of two-line rows. */
export function Table(props: {
  columns: readonly Column[];
  rows: readonly TableRow[];
  loading?: boolean;
  paging?: { next: boolean; previous: boolean; onNext: () => void; onPrevious: () => void };
}) {
  const paging = props.paging;
  return (
    <s-table
      variant="auto"
      loading={props.loading ?? false}
      paginate={paging !== undefined && (paging.next || paging.previous)}
      hasNextPage={paging?.next ?? false}
      hasPreviousPage={paging?.previous ?? false}
      onnextpage={paging?.onNext}
      onpreviouspage={paging?.onPrevious}
    >
      <s-table-header-row>
        {props.columns.map((column) => (
          <s-table-header key={column.name} listSlot={column.list}>
            {column.name}
          </s-table-header>
        ))}
      </s-table-header-row>
      <s-table-body>
        {props.rows.map((row) => (
          <s-table-row key={row.id} clickDelegate={row.link} class={row.fresh ? 'tt-fresh' : undefined}>
            {row.cells.map((cell, column) => (
              <s-table-cell key={props.columns[column]?.name ?? column}>{cell}</s-table-cell>
            ))}
          </s-table-row>
        ))}
      </s-table-body>
    </s-table>
  );
}

const narrow = globalThis.matchMedia?.('(max-width: 489.98px)');

/** True where the window is so narrow that tables are lists. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (changed) => {
      narrow?.addEventListener('change', changed);
      return () => narrow?.removeEventListener('change', changed);
    },
    () => narrow?.matches ?? false,
  );
}
