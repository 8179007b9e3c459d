import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import manifest from '../../package.json' with { type: 'json' };

/** The root of the repository, with a slash at its end. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** The package as it would be published, and folders to use it in. */
export interface PackedPackage extends Disposable {
  readonly tarball: string;
  /** The files in it, sorted. */
  readonly files: readonly string[];
  /**
   * A new project that has this package and links to others of the repository, installed without a network.
   * `NAME=PACKAGE` is the package of the repository under another name.
   *
   * @param under The folder that it is made in, for tools that fail where a path has characters which mean something.
   */
  install(packages: readonly string[], under?: string): Project;
  /** A new folder that has nothing installed. */
  empty(): Project;
}

/** A project of somebody who uses the package. */
export interface Project {
  readonly folder: string;
  /** Writes a file, and returns where. */
  write(name: string, text: string): string;
  /** Runs a file with Node in a process of its own, and returns what it prints. Throws if it fails. */
  run(name: string, text: string): string;
  /** The same for a file that is there. */
  runFile(name: string): string;
}

/** Packs the package, after building it if the build is not there or older than the source. */
export function pack(): PackedPackage {
  buildIfStale();
  // Characters that mean something in a URL, because paths become URLs in places.
  const folder = mkdtempSync(join(tmpdir(), 'redimap pack #%41-'));
  const options = ['--ignore-scripts', '--silent', '--no-update-notifier', '--pack-destination', folder];
  execFileSync('npm', ['pack', ...options], { cwd: root, stdio: 'pipe' });
  const [name] = readdirSync(folder);
  if (name === undefined) throw new Error('npm pack made no tarball');
  const tarball = join(folder, name);
  const list = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' });
  const files = list.split('\n').filter((file) => file !== '');
  return {
    tarball,
    files: files.map((file) => file.replace(/^package\//, '')).sort(),
    empty: () => projectIn(mkdtempSync(join(folder, 'empty-'))),
    install: (packages, under = folder) => install(tarball, mkdtempSync(join(under, 'project-')), packages),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function install(tarball: string, folder: string, packages: readonly string[]): Project {
  const target = join(folder, 'node_modules/redimap');
  mkdirSync(target, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);
  for (const one of packages) {
    const [name = '', from = name] = one.split('=');
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', from), link);
  }
  return projectIn(folder);
}

function projectIn(folder: string): Project {
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  write('package.json', JSON.stringify({ name: 'project', private: true }));
  const runFile = (name: string): string =>
    // A process that does not end has left something open: the time limit makes that an error.
    execFileSync(process.execPath, [join(folder, name)], {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
      timeout: 100_000,
    });
  return {
    folder,
    write,
    run: (name, text) => {
      write(name, text);
      return runFile(name);
    },
    runFile,
  };
}

/** Builds if need be, one process at a time: test files run beside each other. */
export function buildIfStale(): void {
  if (!isStale()) return;
  const lock = join(root, 'node_modules/.cache/redimap-build');
  mkdirSync(dirname(lock), { recursive: true });
  const deadline = Date.now() + 300_000;
  while (!acquire(lock)) {
    if (Date.now() > deadline) throw new Error(`Another build has not ended: is ${lock} left over from one?`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  }
  try {
    if (isStale()) execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'pipe' });
  } finally {
    rmSync(lock, { recursive: true });
  }
}

function acquire(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Whether a file that package.json names is missing from the build, or older than what it is made from. */
function isStale(): boolean {
  const named = JSON.stringify([manifest.exports, manifest.sideEffects]).match(/dist\/[^"]+/g) ?? [];
  const outputs = [...new Set(named)].map((name) => join(root, name));
  if (!outputs.every((file) => existsSync(file))) return true;
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const inputs = [
    ...sources,
    ...['package.json', 'tsconfig.json', 'tsup.config.ts', 'tools/embedded-chunk.ts', 'tools/node-entries.ts'].map(
      (name) => join(root, name),
    ),
  ];
  const built = Math.min(...outputs.map((file) => statSync(file).mtimeMs));
  return inputs.some((file) => statSync(file).mtimeMs > built);
}
