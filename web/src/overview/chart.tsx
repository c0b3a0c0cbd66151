// Bars per day, drawn by uPlot on a canvas; the table below holds the same numbers for everyone else.
import { useEffect, useId, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Day } from "../api/client";
import { formatUtcDay } from "../text/format";
import { isDark } from "../theme";
import { Scroller } from "../ui/scroller";
import { stack, ticks } from "./stack";

export interface Series {
  label: string;
  /** A custom property that holds the colour in either theme. */
  color: string;
  of: (day: Day) => number;
}

interface ChartProps {
  title: string;
  days: Day[];
  series: Series[];
  format: (value: number) => string;
  binary?: boolean;
  wide?: boolean;
}

const HEIGHT = 200;

export function Chart({ title, days, series, format, binary = false, wide = false }: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>();
  const [over, setOver] = useState<number>();
  const titleId = useId();
  const dark = isDark();

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const chart = new uPlot(
      options(element, days, series, format, binary, setOver),
      stackedData(days, series),
      element,
    );
    plot.current = chart;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) chart.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
      setOver(undefined);
    };
    // The theme counts: colours are read when the chart is made.
  }, [days, series, format, binary, dark]);

  const day = over === undefined ? undefined : days[over];
  return (
    <figure class={`card chart${wide ? " wide" : ""}`} aria-labelledby={titleId}>
      <figcaption>
        <h2 id={titleId}>{title}</h2>
        <p class="legend">
          {day && <span class="legend-day">{formatUtcDay(day.date)}</span>}
          {series.map((entry) => (
            <span key={entry.label} class="legend-item">
              {/* The key's colour comes from a class per property: inline styles are not allowed here. */}
              <span class={`swatch ${entry.color.slice(2)}`} aria-hidden="true" />
              {entry.label}
              {day && <strong>{format(entry.of(day))}</strong>}
            </span>
          ))}
        </p>
      </figcaption>
      <div class="plot" ref={host} aria-hidden="true" />
      <details class="chart-table">
        <summary>
          Show as table<span class="visually-hidden">: {title}</span>
        </summary>
        <Scroller class="scroller" label={`${title}, table`}>
          <table>
            <thead>
              <tr>
                <th scope="col">Day</th>
                {series.map((entry) => (
                  <th scope="col" key={entry.label}>
                    {entry.label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {days.toReversed().map((row) => (
                <tr key={row.date}>
                  <th scope="row">{formatUtcDay(row.date)}</th>
                  {series.map((entry) => (
                    <td key={entry.label}>{format(entry.of(row))}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroller>
      </details>
    </figure>
  );
}

/** Totals first: each smaller sum is painted over the larger entry, and what remains visible is the difference. */
function stackedData(days: Day[], series: Series[]): uPlot.AlignedData {
  const stacked = stack(series.map((entry) => days.map(entry.of)));
  return [days.map((_, i) => i), ...stacked.reverse()];
}

function options(
  element: HTMLElement,
  days: Day[],
  series: Series[],
  format: (value: number) => string,
  binary: boolean,
  onHover: (index: number | undefined) => void,
): uPlot.Options {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const totals = stack(series.map((entry) => days.map(entry.of))).at(-1) ?? [];
  const marks = ticks(Math.max(0, ...totals), 4, binary);
  const font = `12px ${style.fontFamily}`;
  const bars = uPlot.paths.bars?.({ size: [0.72, 26], radius: 0.12 });
  return {
    width: element.clientWidth || 320,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    padding: [8, 16, 0, 0],
    scales: { x: { time: false, range: [-0.6, days.length - 0.4] }, y: { range: [0, marks.at(-1) ?? 1] } },
    axes: [
      {
        stroke: color("--ink-3"),
        font,
        gap: 6,
        size: 30,
        grid: { show: false },
        ticks: { show: false },
        space: 64,
        splits: (self) => daySplits(days.length, self.width),
        values: (_, splits) => splits.map((i) => (days[i] ? formatUtcDay(days[i].date) : "")),
      },
      {
        stroke: color("--ink-3"),
        font,
        gap: 8,
        size: binary ? 64 : 48,
        grid: { stroke: color("--line"), width: 1 },
        ticks: { show: false },
        splits: () => marks,
        values: (_, splits) => splits.map((value) => (value === 0 ? "0" : format(value))),
      },
    ],
    series: [
      {},
      ...series.toReversed().map(
        (entry): uPlot.Series => ({
          label: entry.label,
          fill: color(entry.color),
          width: 0,
          points: { show: false },
          ...(bars && { paths: bars }),
        }),
      ),
    ],
    hooks: { setCursor: [(self) => onHover(self.cursor.idx ?? undefined)] },
  };
}

/** Today and every seventh day before it; fewer where there is no room. */
function daySplits(count: number, width: number): number[] {
  const every = width < 420 ? 14 : 7;
  const splits: number[] = [];
  for (let i = count - 1; i >= 0; i -= every) splits.unshift(i);
  return splits;
}
