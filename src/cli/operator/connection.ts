import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Environment } from '../../config/option.ts';
import type { ParsedFlags } from '../../config/parse-flags.ts';
import { envNameOf, SCHEMA } from '../../config/schema.ts';
import { OPERATOR_ENVS } from '../../config/variables.ts';
import { readFleetAddress } from '../../fleet/fleet-address.ts';
import { nodeFetch } from '../../sdk/node.ts';
import type { ConnectOptions } from '../../sdk/options.ts';
import { CliError } from '../errors.ts';
import { readPassword } from '../read-password.ts';
import { FleetClient } from './fleet-client.ts';

/** The flags by which all these commands find a fleet and log in. */
export const CONNECTION_FLAGS = ['url', 'ca', 'data', 'user', 'password-file', 'token-file'] as const;

export type FlagValues = ParsedFlags['values'];

/** Finds the fleet, and asks for the password if that is needed. Throws CliError. */
export async function connectFleet(values: FlagValues, env: Environment): Promise<FleetClient> {
  const { url, ca } = placeOf(values, env);
  const login = await loginOf(values, env);
  const isPlain = url.startsWith('http:');
  return new FleetClient({ url, ...login, ...(!isPlain && { fetch: nodeFetch({ ...(ca && { ca }) }) }) });
}

/** Where the fleet is, and the certificates by which its own is trusted. Undefined: those of the system. */
function placeOf(values: FlagValues, env: Environment): { readonly url: string; readonly ca?: string } {
  const url = given(values, 'url') ?? set(env, OPERATOR_ENVS.url);
  const caFile = given(values, 'ca') ?? set(env, OPERATOR_ENVS.ca);
  const ca = caFile === undefined ? {} : { ca: contentOf(caFile, '--ca') };
  const own = given(values, 'data') ?? set(env, envNameOf('data'));
  // Named by a flag, the folder is that of the fleet that is meant.
  if (url !== undefined && given(values, 'data') === undefined) return { url, ...ca };
  const folder = resolve(own ?? SCHEMA.data.defaultValue(env));
  const found = readFleetAddress(folder);
  if (url === undefined && found === undefined)
    throw new CliError('CLI_NO_URL', `No fleet runs with ${folder}, and there is no URL.`);
  return {
    url: url ?? found!.url,
    ...(found?.certificate !== undefined && { ca: contentOf(join(folder, found.certificate), '--data') }),
    ...ca,
  };
}

/** Flags go before the environment, a token before a password. */
async function loginOf(
  values: FlagValues,
  env: Environment,
): Promise<Pick<ConnectOptions, 'user' | 'password' | 'token'>> {
  const tokenFile = given(values, 'token-file');
  if (tokenFile !== undefined) return { token: firstLineOf(tokenFile, '--token-file') };
  const user = given(values, 'user');
  const passwordFile = given(values, 'password-file');
  const token = set(env, OPERATOR_ENVS.token);
  if (token !== undefined && user === undefined && passwordFile === undefined) return { token };
  const name = user ?? set(env, OPERATOR_ENVS.user);
  if (name === undefined) throw new CliError('CLI_LOGIN_MISSING', 'No user and no token is given.');
  if (passwordFile !== undefined)
    return { user: name, password: firstLineOf(passwordFile, '--password-file') };
  const password = set(env, OPERATOR_ENVS.password);
  if (password !== undefined) return { user: name, password };
  // Standard input may be a list that a script goes through.
  if (!process.stdin.isTTY) throw new CliError('CLI_LOGIN_MISSING', `No password of ${name} is given.`);
  return { user: name, password: await readPassword(process.stdin, process.stderr, `Password of ${name}: `) };
}

export const given = (values: FlagValues, flag: string): string | undefined => values.get(flag)?.at(-1);

/** A variable that is set. Compose files and unit files write "not set" as an empty one. */
const set = (env: Environment, name: string): string | undefined => env[name] || undefined;

export function contentOf(file: string, flag: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new CliError('CLI_OPTION_INVALID', `${flag}: ${file} cannot be read: ${(error as Error).message}.`);
  }
}

function firstLineOf(file: string, flag: string): string {
  const [line = ''] = contentOf(file, flag).split(/\r?\n/, 1);
  if (line === '') throw new CliError('CLI_OPTION_INVALID', `${flag}: the first line of ${file} is empty.`);
  return line;
}
