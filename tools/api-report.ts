/**
 * `npm run api`: writes `etc/*.api.md`, which lists what each entry of the package exports, from the declarations of
 * the build. A change of the public API is a change of those files, so that a review sees it.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Extractor, ExtractorConfig, ExtractorLogLevel, type IConfigFile } from '@microsoft/api-extractor';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The entries of the package, by the names of their files in dist. */
export const ENTRIES = ['index', 'graph', 'testing'] as const;

/** Where the report on an entry is. */
export function reportFile(entry: string): string {
  return join(root, 'etc', `${entry === 'index' ? 'redimap' : `redimap-${entry}`}.api.md`);
}

/**
 * Returns the report on an entry, given the build as it is. It leaves out what is `@internal`.
 *
 * @throws Error when the declarations do not compile.
 */
export function apiReport(entry: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'redimap-api-'));
  try {
    const problems: string[] = [];
    const { succeeded } = Extractor.invoke(configOf(entry, folder), {
      localBuild: true,
      messageCallback: (message) => {
        if (message.logLevel === ExtractorLogLevel.Error) problems.push(message.formatMessageWithLocation(root));
        message.handled = true;
      },
    });
    if (!succeeded) throw new Error(`No report on ${entry}: ${problems.join('\n')}`);
    return readFileSync(join(folder, 'report.public.api.md'), 'utf8');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function configOf(entry: string, folder: string): ExtractorConfig {
  const declarations = join(root, 'dist', `${entry}.d.cts`);
  const configObject: IConfigFile = {
    projectFolder: root,
    mainEntryPointFilePath: declarations,
    newlineKind: 'lf',
    compiler: {
      overrideTsconfig: {
        compilerOptions: {
          target: 'es2022',
          module: 'nodenext',
          moduleResolution: 'nodenext',
          strict: true,
          types: ['node'],
        },
        files: [declarations],
      },
    },
    apiReport: {
      enabled: true,
      reportVariants: ['public'],
      reportFileName: 'report',
      reportFolder: folder,
      reportTempFolder: join(folder, 'temp'),
    },
    docModel: { enabled: false },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    messages: {
      compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
      // Docstrings are read by people and editors, and say more than TSDoc allows.
      tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      // The bundle of the declarations has types that the entry does not export: their names are nobody's concern.
      extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
    },
  };
  return ExtractorConfig.prepare({
    configObject,
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, 'package.json'),
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(join(root, 'etc'), { recursive: true });
  for (const entry of ENTRIES) writeFileSync(reportFile(entry), apiReport(entry));
  console.log(`Wrote ${ENTRIES.map(reportFile).join(', ')}`);
}
