/**
 * Runs one case in a process of its own, so that no case runs on code that another one has warmed up, or on its
 * garbage. main.ts starts it and receives the outcome.
 */
import { CASES } from './cases/index.js';
import { Bench, type BenchOptions } from './harness/bench.js';

const [name, options] = process.argv.slice(2);
const found = CASES.find((one) => one.name === name);
if (found === undefined || options === undefined) throw new Error('run-case.ts is started by main.ts');

const bench = new Bench(JSON.parse(options) as BenchOptions);
await found.run(bench);
const output = await bench.finish();
// Some peer may leave a timer or a socket behind.
process.send?.(output, () => process.exit());
