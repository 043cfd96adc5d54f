import type { Config } from '../../config/config.ts';
import { ConfigError } from '../../config/errors.ts';
import { CONFIG_FLAGS, CONFIG_SWITCHES, loadConfig } from '../../config/load-config.ts';
import { parseFlags } from '../../config/parse-flags.ts';
import { takeOwnerPassword } from '../../config/secrets.ts';
import { doctorHelp } from '../help.ts';
import { checkCertificate } from './check-certificate.ts';
import { checkDesktop } from './check-desktop.ts';
import { checkNetwork } from './check-network.ts';
import { checkParts } from './check-parts.ts';
import { checkPrograms } from './check-programs.ts';
import { checkResources } from './check-resources.ts';
import { checkUsers } from './check-users.ts';
import { type Finding, failed, ok, reasonOf, warning } from './finding.ts';

/** Columns of the words that begin a line. */
const OUTCOME_WIDTH = 9;
const CHECK_WIDTH = 14;

/**
 * Runs `deskwire doctor`: checks everything that a start with the same flags needs, and says what to do. Changes
 * nothing: an X server that it starts ends at once. Resolves with the exit status: 1 if a start would fail.
 */
export async function doctor(args: readonly string[]): Promise<number> {
  const names = { valued: CONFIG_FLAGS, switches: CONFIG_SWITCHES, plain: ['help', 'json'] };
  const { values, plain, positionals } = parseFlags(args, names);
  if (plain.has('help')) {
    process.stdout.write(doctorHelp());
    return 0;
  }
  if (positionals[0] !== undefined) {
    const detail = `"doctor" does not take ${JSON.stringify(positionals[0])}.`;
    throw new ConfigError('CFG_UNEXPECTED_ARGUMENT', detail);
  }
  takeOwnerPassword(process.env);
  const { config, findings } = checkConfig(values);
  if (config !== undefined) findings.push(...(await checkAll(config)));
  process.stdout.write(plain.has('json') ? asJson(findings) : asText(findings));
  return isFine(findings) ? 0 : 1;
}

function checkConfig(values: ReadonlyMap<string, readonly string[]>): {
  config: Config | undefined;
  findings: Finding[];
} {
  try {
    const { config, warnings } = loadConfig(values, process.env, process.cwd());
    const file = values.get('config')?.at(-1) ?? process.env.DESKWIRE_CONFIG;
    const found = warnings.map((text) => warning('config', text, 'correct or remove it'));
    return {
      config,
      findings: found.length > 0 ? found : [ok('config', file || 'flags and environment only')],
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const remedy = 'correct it; deskwire config --example prints every setting';
    return { config: undefined, findings: [failed('config', reasonOf(error), remedy)] };
  }
}

async function checkAll(config: Config): Promise<Finding[]> {
  const isRoot = process.geteuid?.() === 0;
  return [
    ...(await checkParts()),
    ...checkPrograms(config, isRoot),
    ...(await checkDesktop(config)),
    ...checkUsers(config),
    ...(await checkCertificate(config)),
    ...(await checkNetwork(config)),
    ...(await checkResources(config)),
  ];
}

const isFine = (findings: readonly Finding[]): boolean =>
  findings.every(({ outcome }) => outcome !== 'failed');

const asJson = (findings: readonly Finding[]): string =>
  `${JSON.stringify({ ok: isFine(findings), findings }, undefined, 2)}\n`;

function asText(findings: readonly Finding[]): string {
  const lines = findings.map(({ check, outcome, detail, remedy }) => {
    const line = `${outcome.padEnd(OUTCOME_WIDTH)}${check.padEnd(CHECK_WIDTH)}${detail}\n`;
    return remedy === undefined ? line : `${line}${' '.repeat(OUTCOME_WIDTH + CHECK_WIDTH)}> ${remedy}\n`;
  });
  const end = isFine(findings) ? 'Deskwire can start.' : 'Deskwire cannot start.';
  return `${lines.join('')}${end}\n`;
}
