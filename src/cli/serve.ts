import type { Logger } from 'pino';
import { OrphanReaper } from '../common/orphan-reaper.ts';
import { keepMallocSmall, trimMallocAtIntervals } from '../common/process-memory.ts';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/errors.ts';
import { CONFIG_FLAGS, CONFIG_SWITCHES, loadConfig } from '../config/load-config.ts';
import { parseFlags } from '../config/parse-flags.ts';
import { takeOwnerPassword } from '../config/secrets.ts';
import { OWNER_PASSWORD_FD_ENV } from '../config/variables.ts';
import type { RunningServer, startServer } from '../main.ts';
import { endChildren } from './end-children.ts';
import { takeHangupIgnored } from './hangup.ts';
import { serveHelp } from './help.ts';
import { createLog } from './log.ts';
import { readOwnerPassword } from './owner-password.ts';
import { reportError } from './report-error.ts';
import { MEANINGLESS_SIGNALS, Shutdown, SIGNALS } from './shutdown.ts';

type StartServer = typeof startServer;

/** Loads the server. That takes longer than everything above, and signals must be handled meanwhile. */
const loadServer = async (): Promise<StartServer> => (await import('../main.ts')).startServer;

/** Runs `deskwire serve` until a signal ends it, and then ends the process. */
export async function serve(
  args: readonly string[],
  load: () => Promise<StartServer> = loadServer,
): Promise<void> {
  const names = { valued: CONFIG_FLAGS, switches: CONFIG_SWITCHES, plain: ['help'] };
  const { values, plain, positionals } = parseFlags(args, names);
  if (plain.has('help')) {
    process.stdout.write(serveHelp());
    return;
  }
  if (positionals[0] !== undefined) {
    const detail = `"serve" does not take ${JSON.stringify(positionals[0])}.`;
    throw new ConfigError('CFG_UNEXPECTED_ARGUMENT', detail);
  }
  keepMallocSmall();
  trimMallocAtIntervals();
  const fromEnv = takeOwnerPassword(process.env);
  const { config, warnings } = loadConfig(values, process.env, process.cwd());
  // The descriptor is closed when it has been read.
  delete process.env[OWNER_PASSWORD_FD_ENV];
  const log = createLog(config.logLevel, process.stderr);
  for (const warning of warnings) log.warn(warning);
  await run(config, fromEnv, log, load);
}

async function run(
  config: Config,
  passwordFromEnv: string | undefined,
  log: Logger,
  load: () => Promise<StartServer>,
): Promise<void> {
  // The server keeps running if the reader of its output goes away.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});

  const isHangupIgnored = takeHangupIgnored(process.env);
  OrphanReaper.start();
  const shutdown = new Shutdown({
    // A signal may come during the start: what comes up then is closed at once.
    close: async () => {
      const server = await starting.catch(() => undefined);
      try {
        await server?.close();
      } catch (err) {
        log.error({ err }, 'Ending failed.');
        throw err;
      }
    },
    exit: (status, graceful) => {
      if (!graceful) {
        log.error('Not everything has ended by itself; ending it by force.');
        endChildren();
      }
      process.exit(status);
    },
  });
  for (const signal of SIGNALS) {
    if (signal === 'SIGHUP' && isHangupIgnored)
      process.on(signal, () => log.info('The terminal has closed.'));
    else process.on(signal, () => shutdown.signal(signal));
  }
  for (const signal of MEANINGLESS_SIGNALS) {
    process.on(signal, () =>
      log.info(`${signal} means nothing here: certificates and users are read when they change.`),
    );
  }
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (err) => {
      log.fatal({ err }, 'Something that was not thought of; ending.');
      void shutdown.begin(1);
    });
  }

  const bringUp = async (): Promise<RunningServer | undefined> => {
    const { password, warnings } = await readOwnerPassword(config, passwordFromEnv);
    for (const warning of warnings) log.warn(warning);
    const start = await load();
    return shutdown.hasBegun ? undefined : start(config, { ownerPassword: password }, log);
  };
  const starting = bringUp();
  let server: RunningServer | undefined;
  try {
    server = await starting;
  } catch (error) {
    if (shutdown.hasBegun) return;
    const report = reportError(error, log.isLevelEnabled('debug') ? 'all' : 'none');
    process.stderr.write(report.text);
    process.exit(report.status);
  }
  if (server !== undefined && !shutdown.hasBegun) announce(server);
}

function announce({ url, urls, rfbPlaces, display, size, newOwner }: RunningServer): void {
  if (newOwner !== undefined) {
    const password = newOwner.password === undefined ? 'as given' : `${newOwner.password} (shown once)`;
    process.stdout.write(`Owner: ${newOwner.name}  Password: ${password}\n`);
  }
  for (const other of urls.slice(1)) process.stdout.write(`Also listening: ${other}\n`);
  for (const place of rfbPlaces) process.stdout.write(`VNC viewers: ${place}\n`);
  process.stdout.write(`Deskwire ready: ${url} (desktop ${display}, ${size.width}x${size.height})\n`);
}
