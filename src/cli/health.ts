import { request as plainRequest } from 'node:http';
import { request } from 'node:https';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/errors.ts';
import { speaksPlainHttp } from '../config/listen-place.ts';
import { CONFIG_FLAGS, CONFIG_SWITCHES, loadConfig } from '../config/load-config.ts';
import { parseFlags } from '../config/parse-flags.ts';
import { takeOwnerPassword } from '../config/secrets.ts';
import { healthHelp } from './help.ts';

/** Milliseconds that the server may take to answer. A larger value reports one that hangs later. */
const ANSWER_LIMIT_MS = 4000;

/** Addresses that stand for all of a machine, and how the machine itself is reached. */
const LOOPBACK: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/**
 * Runs `deskwire health`: asks the server with these settings, on this machine, whether its desktop answers. Resolves
 * with the exit status: 0 if it does. It is for the health checks of containers, which have no HTTP client.
 */
export async function health(args: readonly string[]): Promise<number> {
  const { values, plain, positionals } = parseFlags(args, {
    valued: CONFIG_FLAGS,
    switches: CONFIG_SWITCHES,
    plain: ['help'],
  });
  if (plain.has('help')) {
    process.stdout.write(healthHelp());
    return 0;
  }
  if (positionals[0] !== undefined) {
    const detail = `"health" does not take ${JSON.stringify(positionals[0])}.`;
    throw new ConfigError('CFG_UNEXPECTED_ARGUMENT', detail);
  }
  takeOwnerPassword(process.env);
  const { config } = loadConfig(values, process.env, process.cwd());
  const answer = await ask(config);
  process.stdout.write(`${answer.text}\n`);
  return answer.isWell ? 0 : 1;
}

/** Asks at the first place that the server listens at. */
function ask(
  config: Pick<Config, 'listen' | 'port' | 'insecureHttp'>,
): Promise<{ isWell: boolean; text: string }> {
  const { promise, resolve } = Promise.withResolvers<{ isWell: boolean; text: string }>();
  const place = config.listen[0]!;
  const at =
    place.kind === 'unix'
      ? { socketPath: place.path }
      : { host: LOOPBACK[place.host] ?? place.host, port: place.port ?? config.port };
  const send = speaksPlainHttp(place, config.insecureHttp) ? plainRequest : request;
  // The certificate may have other names than this address. Nothing secret is sent.
  const asked = send({ ...at, path: '/readyz', rejectUnauthorized: false, timeout: ANSWER_LIMIT_MS });
  asked.on('timeout', () => asked.destroy(new Error(`no answer within ${ANSWER_LIMIT_MS / 1000} s`)));
  asked.on('error', (error) => resolve({ isWell: false, text: `unavailable: ${error.message}` }));
  asked.on('response', (response) => {
    response.resume();
    const isWell = response.statusCode === 200;
    resolve({ isWell, text: isWell ? 'ok' : `unavailable: status ${response.statusCode}` });
  });
  asked.end();
  return promise;
}
