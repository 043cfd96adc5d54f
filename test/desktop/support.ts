import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import type { Desktop } from '../../src/desktop/desktop.ts';
import { XConnection } from '../../src/desktop/x11/wire/connection.ts';
import { LeanConnection } from '../../src/desktop/x11/wire/lean-connection.ts';
import { startOwnDesktop } from '../../src/desktop/x11/x11-desktop.ts';
import { shownPixels } from '../../src/pixels/shared-frame.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { testHome } from '../support/test-home.ts';
import { waitFor } from '../support/wait-for.ts';
import { dumpRoot } from '../support/xwd.ts';

export const log = pino({ level: 'silent' });

// Desktops of this process take their environment from it.
process.env.HOME = testHome();

const run = promisify(execFile);

/** Creates a folder for a test's files outside the checkout. */
export const scratch = (): string => temporaryFolder('deskwire-test-');

/** Resolves with the first true value of `check`. Rejects after `timeoutMs`, naming `what` it waited for. */
export const until = <T>(
  check: () => T | Promise<T>,
  what: string,
  timeoutMs = 20_000,
): Promise<Exclude<T, false | undefined>> =>
  waitFor(what, async () => (await check()) || undefined, timeoutMs) as Promise<
    Exclude<T, false | undefined>
  >;

/**
 * A command that starts Openbox, and a program once Openbox manages windows: a window that is there before loses the
 * focus when Openbox begins.
 */
export const underOpenbox = (command: string): string =>
  `openbox & until xprop -root _NET_SUPPORTING_WM_CHECK | grep -q 0x; do sleep 0.05; done; exec ${command}`;

/** Starts a desktop with no program but `run`. Resolves also with the environment of its programs. */
export async function bareDesktop(
  options: { width?: number; height?: number; run?: string; dpi?: number; gl?: boolean } = {},
): Promise<{ desktop: Desktop; env: NodeJS.ProcessEnv; dir: string }> {
  const { width = 640, height = 480, run: command = 'exec sleep 1000', dpi, gl } = options;
  const dir = scratch();
  const report = join(dir, 'env');
  const desktop = await startOwnDesktop({
    size: { width, height },
    maxSize: { width: 1600, height: 1200 },
    dpi,
    ...(gl !== undefined && { gl }),
    run: `printf '%s\\n%s' "$DISPLAY" "$XAUTHORITY" > ${report}.new; mv ${report}.new ${report}; ${command}`,
    log,
  });
  const said = await until(() => {
    try {
      return readFileSync(report, 'utf8').split('\n');
    } catch {
      return undefined;
    }
  }, 'the environment of the programs');
  return { desktop, env: { ...process.env, DISPLAY: said[0], XAUTHORITY: said[1] }, dir };
}

/** Runs an X program to its end and resolves with its output. */
export async function x(env: NodeJS.ProcessEnv, command: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(command, args, { env, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** Opens one more connection to the desktop, as a program in it would, for example to paint. */
export const connectTo = (env: NodeJS.ProcessEnv): Promise<XConnection> => XConnection.open(addressOf(env));

export const leanConnectTo = (env: NodeJS.ProcessEnv): Promise<LeanConnection> =>
  LeanConnection.open(addressOf(env));

function addressOf(env: NodeJS.ProcessEnv): { display: string; cookie: Uint8Array | undefined } {
  // The file's only entry ends with the cookie. A foreign display has no cookie.
  const cookie = env.XAUTHORITY ? readFileSync(env.XAUTHORITY).subarray(-16) : undefined;
  return { display: env.DISPLAY!, cookie };
}

/** Reads the screen with xwd, as the X server shows it: packed BGRX rows. */
export async function xwd(
  env: NodeJS.ProcessEnv,
): Promise<{ width: number; height: number; pixels: Buffer }> {
  const dump = await dumpRoot(env);
  const field = (index: number): number => dump.readUInt32BE(index * 4);
  const width = field(4);
  const height = field(5);
  const strideBytes = field(12);
  const from = field(0) + field(19) * 12;
  const rows = Array.from({ length: height }, (_, y) =>
    dump.subarray(from + y * strideBytes, from + y * strideBytes + width * 4),
  );
  return { width, height, pixels: Buffer.concat(rows) };
}

/** The committed picture as packed BGRX rows, with the fourth byte of each pixel cleared. */
export function shown(desktop: Desktop): Buffer {
  const { width, height } = desktop.size;
  return withoutX(Buffer.from(shownPixels(desktop.frame, desktop.size)).subarray(0, width * height * 4));
}

/** Clears the fourth byte of each pixel, in place. */
export function withoutX(pixels: Buffer): Buffer {
  for (let i = 3; i < pixels.length; i += 4) pixels[i] = 0;
  return pixels;
}

/** Captures and commits until a capture finds no change. */
export async function captureAll(desktop: Desktop): Promise<void> {
  for (;;) {
    const { changed } = await desktop.capture();
    await desktop.commit();
    if (changed.isEmpty) return;
  }
}
