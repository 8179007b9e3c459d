import { PNG } from 'pngjs';
import type { NdArray } from '../../src/index.js';
import { COLUMNS, ROWS } from './source.js';

const PER_ROW = 5;
const SCALE = 6;
const MARGIN = 12;
const BACKGROUND = [27, 30, 36] as const;
/** The colours from no light to the brightest pixel of the image. */
const PALETTE = [
  [8, 8, 20],
  [72, 24, 96],
  [188, 55, 84],
  [249, 142, 9],
  [252, 255, 210],
] as const;

/** Draws images side by side, each from its darkest to its brightest pixel, as a PNG. */
export function drawContactSheet(images: readonly NdArray<'float64'>[]): Buffer {
  const width = MARGIN + PER_ROW * (COLUMNS * SCALE + MARGIN);
  const height = MARGIN + Math.ceil(images.length / PER_ROW) * (ROWS * SCALE + MARGIN);
  const png = new PNG({ width, height });
  const paint = (x: number, y: number, [red, green, blue]: readonly [number, number, number]): void => {
    png.data.set([red, green, blue, 255], 4 * (y * width + x));
  };
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) paint(x, y, BACKGROUND);
  images.forEach(({ data }, index) => {
    const left = MARGIN + (index % PER_ROW) * (COLUMNS * SCALE + MARGIN);
    const top = MARGIN + Math.floor(index / PER_ROW) * (ROWS * SCALE + MARGIN);
    const brightest = data.reduce((a, b) => Math.max(a, b), 1);
    for (let y = 0; y < ROWS * SCALE; y += 1) {
      for (let x = 0; x < COLUMNS * SCALE; x += 1) {
        const value = data[Math.floor(y / SCALE) * COLUMNS + Math.floor(x / SCALE)] ?? 0;
        paint(left + x, top + y, colourOf(value / brightest));
      }
    }
  });
  return PNG.sync.write(png);
}

function colourOf(share: number): readonly [number, number, number] {
  const place = Math.min(Math.max(share, 0), 1) * (PALETTE.length - 1);
  const from = PALETTE[Math.floor(place)] ?? BACKGROUND;
  const to = PALETTE[Math.ceil(place)] ?? BACKGROUND;
  const mix = (channel: 0 | 1 | 2): number => Math.round(from[channel] + (to[channel] - from[channel]) * (place % 1));
  return [mix(0), mix(1), mix(2)];
}
