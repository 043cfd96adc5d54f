import { resolve } from 'node:path';
import { ConfigError } from '../config/errors.ts';
import { exampleYaml } from '../config/example-yaml.ts';
import { fromKasm, type KasmEntry } from '../config/kasm/from-kasm.ts';
import { parseFlags } from '../config/parse-flags.ts';
import { readYamlFile } from '../config/yaml-file.ts';
import { configHelp } from './help.ts';

/**
 * Runs `deskwire config --example`, which writes a configuration with every setting to standard output, or `deskwire
 * config --from-kasm FILE`. That writes a configuration of Deskwire to standard output, and to standard error what
 * became of each key, so that the output can go to a file.
 */
export function config(args: readonly string[]): void {
  const { values, plain, positionals } = parseFlags(args, {
    valued: ['from-kasm'],
    plain: ['help', 'example'],
  });
  if (positionals[0] !== undefined) {
    const detail = `"config" does not take ${JSON.stringify(positionals[0])}.`;
    throw new ConfigError('CFG_UNEXPECTED_ARGUMENT', detail);
  }
  const file = values.get('from-kasm')?.at(-1);
  if (plain.has('example') && file !== undefined)
    throw new ConfigError('CFG_UNEXPECTED_ARGUMENT', '--example and --from-kasm are given together.');
  if (plain.has('example') && !plain.has('help')) {
    process.stdout.write(exampleYaml());
    return;
  }
  if (plain.has('help') || file === undefined) {
    process.stdout.write(configHelp());
    return;
  }
  const { yaml, entries } = fromKasm(readYamlFile(resolve(file)), process.env);
  process.stdout.write(yaml);
  process.stderr.write(report(entries));
}

/** The keys by what became of them, one a line. */
function report(entries: readonly KasmEntry[]): string {
  const titles = { taken: 'Taken:', same: 'As Deskwire always does:', 'not taken': 'Not taken:' } as const;
  return Object.entries(titles)
    .map(([outcome, title]) => {
      const lines = entries
        .filter((entry) => entry.outcome === outcome)
        .map(({ key, value, note }) =>
          outcome === 'same' ? `  ${key}: ${value}\n` : `  ${key}: ${value} (${note})\n`,
        );
      return lines.length === 0 ? '' : `${title}\n${lines.join('')}`;
    })
    .join('');
}
