import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { testHome } from './test-home.ts';
import { xEnvironmentOf } from './x-environment.ts';

const CLI = fileURLToPath(new URL('../../bin/deskwire.mjs', import.meta.url));
const READY = /^Deskwire ready: (https?:\/\/\S+|unix:\S+) \(desktop (:\d+), (\d+)x(\d+)\)$/m;
/**
 * Longest wait for the start, in ms: longer than any start on a loaded machine. The tests of `npm start` assert the
 * promised 5 s.
 */
const START_LIMIT_MS = 90_000;
const STOP_LIMIT_MS = 10_000;
/**
 * Time for the rest of what an ended server has written, in ms. A program that holds its output open makes each stop
 * take as long; with less, a busy test process may not have read the last lines.
 */
const LAST_OUTPUT_LIMIT_MS = 2000;

export interface DeskwireOptions {
  /** Flags after `serve`, in addition to `--port`, `--data` and `--owner`. */
  readonly flags?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  /** Port, for example of an earlier server. Default: any free port. */
  readonly port?: number;
  /** Data folder to keep. Default: a new folder, which `stop` removes. */
  readonly data?: string;
  /** File descriptors that the server may have open. Default: as many as the test. */
  readonly descriptors?: number;
}

/** A real server in its own process. */
export interface RunningDeskwire {
  /** Its first address, such as `https://127.0.0.1:40123/`. */
  readonly url: string;
  readonly port: number;
  readonly display: string;
  readonly size: { readonly width: number; readonly height: number };
  readonly owner: { readonly name: string; readonly password: string };
  /** PEM of its certificate. Empty if it speaks no TLS. */
  readonly ca: string;
  readonly data: string;
  readonly pid: number;
  /** Returns this process's environment with DISPLAY and XAUTHORITY set to open the server's display. */
  xEnvironment(): NodeJS.ProcessEnv;
  /** Returns what it has written so far. */
  output(): { readonly stdout: string; readonly stderr: string };
  /**
   * Ends it by a signal, once. Resolves with its exit code, or null if it had to be killed, when all of its output is
   * there.
   */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  readonly exited: Promise<number | null>;
}

/** Starts `deskwire serve` on a free port with one owner. Rejects with what it wrote if it does not get ready. */
export async function startDeskwire(options: DeskwireOptions = {}): Promise<RunningDeskwire> {
  const data = options.data ?? (await mkdtemp(join(tmpdir(), 'deskwire-test-')));
  const owner = { name: 'ada', password: 'correct horse battery' };
  const flags = [
    '--port',
    String(options.port ?? 0),
    '--data',
    data,
    '--owner',
    owner.name,
    ...(options.flags ?? []),
  ];
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    DESKWIRE_OWNER_PASSWORD: owner.password,
    // Tests use files that only their own user can read.
    DESKWIRE_DESKTOP_USER: userInfo().username,
    HOME: testHome(),
    ...options.environment,
  };
  // Node's test runner sets this for its children. The server would take itself for a test.
  delete env.NODE_TEST_CONTEXT;
  const command = [process.execPath, CLI, 'serve', ...flags];
  const limited = ['sh', '-c', 'ulimit -n "$0" && exec "$@"', String(options.descriptors), ...command];
  const [program, ...args] = options.descriptors === undefined ? command : limited;
  const child = spawn(program!, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const written = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    written.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    written.stderr += text;
  });
  const exited = endOf(child);
  const tidy = async (): Promise<void> => {
    if (!options.data) await rm(data, { recursive: true, force: true });
  };

  const ready = await readyLine(child, exited, written).catch(async (error) => {
    await end(child, exited, 'SIGTERM');
    await tidy();
    throw error;
  });
  const [, url, display, width, height] = ready;
  return {
    url: url!,
    port: Number(new URL(url!).port),
    display: display!,
    size: { width: Number(width), height: Number(height) },
    owner,
    ca: await readFile(join(data, 'cert.pem'), 'utf8').catch(() => ''),
    data,
    pid: child.pid!,
    xEnvironment: () => ({ ...process.env, DISPLAY: display!, ...xEnvironmentOf(child.pid!) }),
    output: () => ({ ...written }),
    stop: async (signal = 'SIGTERM') => {
      const code = await end(child, exited, signal);
      await tidy();
      return code;
    },
    exited,
  };
}

/** Resolves with the exit code of a process once all that it has written has been read. */
function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.once('close', resolve);
    child.once('exit', (code) => setTimeout(resolve, LAST_OUTPUT_LIMIT_MS, code).unref());
  });
}

function readyLine(
  child: ChildProcess,
  exited: Promise<number | null>,
  written: { stdout: string; stderr: string },
): Promise<RegExpMatchArray> {
  return new Promise((resolve, reject) => {
    const fail = (what: string): void => {
      clearTimeout(timer);
      reject(new Error(`${what}\n--- stdout\n${written.stdout}--- stderr\n${written.stderr}`));
    };
    const timer = setTimeout(() => fail('The server did not get ready.'), START_LIMIT_MS);
    child.once('error', (error) => fail(error.message));
    void exited.then((code) => fail(`The server ended with ${code} before it was ready.`));
    child.stdout!.on('data', () => {
      const match = READY.exec(written.stdout);
      if (!match) return;
      clearTimeout(timer);
      resolve(match);
    });
  });
}

async function end(
  child: ChildProcess,
  exited: Promise<number | null>,
  signal: NodeJS.Signals,
): Promise<number | null> {
  if (child.pid === undefined) return null;
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  const code = await exited;
  clearTimeout(timer);
  return code;
}
