/** Returns the median; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Returns the quantile `q` of the values, interpolated between neighbours; NaN for no values. */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) return NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * q;
  const below = sorted[Math.floor(place)] as number;
  const above = sorted[Math.ceil(place)] as number;
  return below + (above - below) * (place - Math.floor(place));
}

/** Returns the interquartile range of the values, relative to the median. */
export function spread(values: readonly number[]): number {
  return (quantile(values, 0.75) - quantile(values, 0.25)) / median(values);
}

/**
 * Returns how many times better `ours` is than `theirs`, as the median of the ratios of each round: whatever slowed the
 * machine down slowed both samples of a round.
 */
export function ratio(ours: readonly number[], theirs: readonly number[], better: 'higher' | 'lower'): number {
  const ratios: number[] = [];
  for (let i = 0; i < Math.min(ours.length, theirs.length); i += 1) {
    const quotient = (ours[i] as number) / (theirs[i] as number);
    ratios.push(better === 'higher' ? quotient : 1 / quotient);
  }
  return median(ratios);
}

/** Returns the order of contestants in a round: each begins equally often, and follows another one each time. */
export function orderOf(round: number, contestants: number): number[] {
  const order = Array.from({ length: contestants }, (_, i) => (i + (round >> 1)) % contestants);
  return round % 2 === 0 ? order : order.reverse();
}
