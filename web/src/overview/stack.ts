// The charts' arithmetic.

/** Adds the series up, so that the last holds the totals: [a, b] → [a, a + b]. */
export function stack(values: number[][]): number[][] {
  const stacked: number[][] = [];
  for (const row of values) {
    const below = stacked.at(-1);
    stacked.push(row.map((value, i) => value + (below?.[i] ?? 0)));
  }
  return stacked;
}

/** Round values for the axis: 1, 2 or 5 times a power of ten, or of two for bytes; about `count` of them above zero. */
export function ticks(max: number, count = 4, binary = false): number[] {
  if (!(max > 0)) return [0, 1];
  const rough = max / count;
  let step: number;
  if (binary) {
    // 1, 2, 5, 10 … 500 of the unit that fits, so that labels read "200 MB" and not "190.7 MB".
    const unit = 1024 ** Math.floor(Math.log(Math.max(rough, 1)) / Math.log(1024));
    const size = decimalStep(rough / unit);
    step = size < 1000 ? unit * size : unit * 1024;
  } else {
    step = Math.max(1, decimalStep(rough));
  }
  const marks: number[] = [];
  for (let i = 0; i * step < max + step; i++) marks.push(i * step);
  return marks;
}

function decimalStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  for (const factor of [1, 2, 5]) if (rough <= factor * power) return factor * power;
  return 10 * power;
}
