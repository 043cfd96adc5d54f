import { keepMallocSmall, trimMallocAtIntervals } from '../common/process-memory.ts';
import { ConfigError } from '../config/errors.ts';
import { CONFIG_FLAGS, CONFIG_SWITCHES } from '../config/load-config.ts';
import { parseFlags } from '../config/parse-flags.ts';
import type { RunningServer, startServer } from '../main.ts';
import { beginServer } from './begin-server.ts';
import { endChildren } from './end-children.ts';
import { serveHelp } from './help.ts';
import { runUntilSignal } from './run-until-signal.ts';

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
  const { config, log, ownerPassword } = beginServer(values);
  await runUntilSignal({
    log,
    bringUp: async (isEnding) => {
      const password = await ownerPassword();
      const start = await load();
      return isEnding() ? undefined : start(config, { ownerPassword: password }, log);
    },
    announce,
    endByForce: endChildren,
  });
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
