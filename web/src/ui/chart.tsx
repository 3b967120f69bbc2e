import { type KeyboardEvent, type PointerEvent, useId, useRef, useState } from 'react';

export interface ChartBar {
  key: string;
  /** What the bar stands for, such as Nov 21, 2 – 3 PM. */
  name: string;
  /** What it holds, in words. */
  words: string;
  /** The heights of its parts in pixels, from the ground up. */
  parts: readonly number[];
}

export interface ChartSeries {
  name: string;
  color: 'success' | 'pending' | 'warning' | 'failed';
}

/** The choice of bars that one makes by dragging, or with the arrow keys and shift. */
interface Choice {
  anchor: number;
  at: number;
}

/**
 * Bars beside each other, each of stacked parts. Dragging over some chooses them, with a mouse, a finger or the keys;
 * a bar says what it holds while it is pointed at or focused.
 */
export function BarChart(props: {
  label: string;
  bars: readonly ChartBar[];
  series: readonly ChartSeries[];
  /** The height of the plot in pixels, which the parts were measured for. */
  plot: number;
  /** What the top of the plot stands for. */
  top: string;
  axis: readonly string[];
  /** Moves a choice by a key; null where the key means nothing. */
  move: (choice: Choice, key: string, shift: boolean) => Choice | null;
  barAt: (x: number, width: number) => number;
  /** Two bars and all between them, in words. */
  describe: (one: number, other: number) => { name: string; words: string };
  onChoose: (one: number, other: number) => void;
}) {
  const { bars, plot } = props;
  const [choice, setChoice] = useState<Choice | null>(null);
  const [dragging, setDragging] = useState(false);
  const [place, setPlace] = useState(0);
  const area = useRef<HTMLDivElement>(null);
  const help = useId();
  const focusable = Math.min(place, bars.length - 1);

  const under = (event: PointerEvent) => {
    const box = area.current?.getBoundingClientRect();
    return box ? props.barAt(event.clientX - box.left, box.width) : 0;
  };
  const choose = (chosen: Choice) => {
    setChoice(null);
    props.onChoose(chosen.anchor, chosen.at);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && choice && choice.anchor !== choice.at) {
      event.stopPropagation();
      setChoice({ anchor: choice.at, at: choice.at });
      return;
    }
    const now = choice ?? { anchor: focusable, at: focusable };
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      return choose(now);
    }
    const next = props.move(now, event.key, event.shiftKey);
    if (!next) return;
    event.preventDefault();
    setChoice(next);
    setPlace(next.at);
    area.current?.querySelectorAll<HTMLElement>('[role="button"]')[next.at]?.focus();
  };

  const shown = choice && choice.at < bars.length ? props.describe(choice.anchor, choice.at) : undefined;
  const from = choice ? Math.min(choice.anchor, choice.at) : -1;
  const to = choice ? Math.max(choice.anchor, choice.at) : -1;
  return (
    <div className="tt-chart">
      <div
        ref={area}
        className="tt-chart-plot"
        role="toolbar"
        aria-label={props.label}
        aria-describedby={help}
        style={{ height: plot }}
        onKeyDown={onKeyDown}
        onBlur={(event) => {
          if (!event.currentTarget.contains(event.relatedTarget)) setChoice(null);
        }}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setDragging(true);
          setChoice({ anchor: under(event), at: under(event) });
        }}
        onPointerMove={(event) => {
          const at = under(event);
          if (choice?.at === at) return;
          setChoice({ anchor: dragging && choice ? choice.anchor : at, at });
        }}
        onPointerUp={(event) => {
          if (!dragging) return;
          setDragging(false);
          if (choice) choose({ anchor: choice.anchor, at: under(event) });
        }}
        onPointerCancel={() => {
          setDragging(false);
          setChoice(null);
        }}
        onPointerLeave={() => {
          if (!dragging) setChoice(null);
        }}
      >
        <svg
          viewBox={`0 0 ${bars.length} ${plot}`}
          preserveAspectRatio="none"
          aria-hidden="true"
          className="tt-chart-bars"
        >
          {bars.map((bar, at) => (
            <Stack key={bar.key} bar={bar} x={at} plot={plot} series={props.series} />
          ))}
        </svg>
        <div className="tt-chart-hits">
          {bars.map((bar, at) => (
            // biome-ignore lint/a11y/useSemanticElements: a hundred real buttons would each be drawn as one
            <div
              key={bar.key}
              role="button"
              tabIndex={at === focusable ? 0 : -1}
              aria-label={`${bar.name}. ${bar.words}`}
              data-chosen={at >= from && at <= to ? '' : undefined}
              onFocus={(event) => {
                if (event.currentTarget.matches(':focus-visible') && !choice) setChoice({ anchor: at, at });
              }}
            />
          ))}
        </div>
        <span className="tt-chart-top">{props.top}</span>
      </div>
      <div className="tt-chart-axis" aria-hidden="true">
        {props.axis.map((name, at) => (
          <span key={`${at} ${name}`}>{name}</span>
        ))}
      </div>
      {shown && choice && (
        <div
          className="tt-chart-tip"
          aria-hidden="true"
          style={{ '--tt-at': (choice.at + 0.5) / bars.length } as React.CSSProperties}
        >
          <strong>{shown.name}</strong>
          <span>{shown.words}</span>
        </div>
      )}
      <span id={help} className="tt-spoken">
        Arrow keys move between bars, with Shift they choose several, Enter sets the date range.
      </span>
    </div>
  );
}

function Stack(props: { bar: ChartBar; x: number; plot: number; series: readonly ChartSeries[] }) {
  let ground = props.plot;
  return props.bar.parts.map((height, part) => {
    const { name, color } = props.series[part] ?? { name: String(part), color: 'pending' };
    ground -= height;
    return height > 0 ? (
      <rect
        key={name}
        className={`tt-chart-${color}`}
        x={props.x + 0.1}
        y={ground}
        width={0.8}
        height={height}
      />
    ) : null;
  });
}

/** What the colours of a chart mean, each with its count; choosing one narrows to it. */
export function Legend(props: {
  items: readonly (ChartSeries & { count: string; chosen: boolean; onChoose: () => void })[];
}) {
  return (
    <div className="tt-legend">
      {props.items.map((item) => (
        <button
          key={item.name}
          type="button"
          className="tt-legend-item"
          aria-pressed={item.chosen}
          onClick={item.onChoose}
        >
          <span className={`tt-legend-mark tt-chart-${item.color}`} aria-hidden="true" />
          {item.count} {item.name}
        </button>
      ))}
    </div>
  );
}

/** A card's head over a chart: what it is about, and its legend. */
export function ChartHead(props: { name: string; children: React.ReactNode }) {
  return (
    <div className="tt-chart-head">
      <h2>{props.name}</h2>
      {props.children}
    </div>
  );
}

/** Grey of a chart's height: where one will stand, or with words where there is none. */
export function ChartGround(props: { plot: number; label?: string; children?: React.ReactNode }) {
  const style = { height: props.plot };
  return props.label ? (
    <div className="tt-chart-ground" style={style} role="status" aria-label={props.label} />
  ) : (
    <div className="tt-chart-ground" style={style}>
      {props.children}
    </div>
  );
}

/** Numbers that only a screen reader reads, as a table. */
export function SpokenTable(props: {
  caption: string;
  heads: readonly string[];
  rows: readonly { key: string; cells: readonly (string | number)[] }[];
}) {
  return (
    <div className="tt-spoken">
      <table>
        <caption>{props.caption}</caption>
        <thead>
          <tr>
            {props.heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row) => (
            <tr key={row.key}>
              {row.cells.map((cell, at) =>
                at === 0 ? (
                  <th key={props.heads[at]} scope="row">
                    {cell}
                  </th>
                ) : (
                  <td key={props.heads[at]}>{cell}</td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
