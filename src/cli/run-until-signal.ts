import type { Logger } from 'pino';
import { OrphanReaper } from '../common/orphan-reaper.ts';
import { takeHangupIgnored } from './hangup.ts';
import { reportError } from './report-error.ts';
import { MEANINGLESS_SIGNALS, Shutdown, SIGNALS } from './shutdown.ts';

export interface ProgramParts<Running extends { close(): Promise<void> }> {
  readonly log: Logger;
  /** Starts the server, unless `isEnding` says that a signal has come meanwhile. */
  readonly bringUp: (isEnding: () => boolean) => Promise<Running | undefined>;
  /** Tells the user that it runs. */
  readonly announce: (running: Running) => void;
  /** Ends what would be left behind, if the server does not end by itself. */
  readonly endByForce: () => void;
}

/** Runs a server until a signal ends it, and then ends the process. */
export async function runUntilSignal<Running extends { close(): Promise<void> }>({
  log,
  bringUp,
  announce,
  endByForce,
}: ProgramParts<Running>): Promise<void> {
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
        endByForce();
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

  const starting = bringUp(() => shutdown.hasBegun);
  let server: Running | undefined;
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
