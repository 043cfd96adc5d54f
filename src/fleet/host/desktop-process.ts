import { spawn } from 'node:child_process';
import { closeSync, openSync, realpathSync, statSync, truncateSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { dirname } from 'node:path';
import { freezeDescendants, thawDescendants, trySignal } from '../../common/frozen-tree.ts';
import { argumentsOf, descendantsOf, processIds, statOf } from '../../common/process-tree.ts';
import { writeFileAtomically } from '../../common/write-file-atomically.ts';
import { formatListenPlace } from '../../config/listen-place.ts';
import { type DesktopUser, makeFleetUser, removeFleetUser } from '../../desktop/x11/server/desktop-user.ts';
import { KEEPER_NAME } from '../../desktop/x11/server/keeper.ts';
import { ASSERTION_HEADER, ASSERTION_LIFE_MS, writeAssertion } from '../../http/login/edge-assertion.ts';
import { writeEdgeKey } from '../../http/login/edge-key.ts';
import type { Desktop } from '../store/fleet-state.ts';
import type { DesktopPlaces } from './desktop-places.ts';
import type { PortRange } from './desktop-ports.ts';
import type { HostCertificate } from './host-certificate.ts';
import { isolated } from './isolation.ts';

/** Bytes of a desktop's log above which its next start empties it. A smaller value loses what happened before. */
const MAX_LOG_BYTES = 8 * 1024 * 1024;

/**
 * Longest wait in ms for the answer whether a desktop is ready. It takes 1 ms, and longer while the X server starts.
 */
const READY_LIMIT_MS = 5000;

/** Address of the host in its own requests. */
const HOST_ADDRESS = 'unix';

/** A process that is told from another one with its id by the time of its start. */
export interface DesktopProcess {
  readonly pid: number;
  readonly startedAt: string;
}

export interface StartOptions {
  /** The `deskwire` command. */
  readonly program: string;
  /** Path below which a proxy shows the fleet. */
  readonly basePath: string;
  /** Where edges on other machines reach the host's desktops. */
  readonly reach: HostReach | undefined;
}

/** How the desktops of a host listen for edges on other machines. */
interface HostReach {
  readonly address: string;
  readonly ports: PortRange;
  readonly certificate: HostCertificate;
}

/** Starts a desktop's server, detached: it outlives this process. */
export async function startProcess(
  desktop: Desktop,
  places: DesktopPlaces,
  options: StartOptions,
  /** Words that a command line begins with, so that it runs within the desktop's limits. */
  limitedBy: readonly string[],
): Promise<DesktopProcess> {
  const isRoot = process.geteuid?.() === 0;
  if (desktop.home === 'temporary') await removeHome(places);
  await rm(places.temporary, { recursive: true, force: true });
  for (const folder of [places.folder, places.data, places.home, places.temporary])
    await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFileAtomically(places.keyFile, writeEdgeKey(desktop));
  await writeFileAtomically(places.environmentFile, JSON.stringify(desktop.environment ?? {}));
  const user = isRoot ? await makeFleetUser(places.userId) : undefined;
  const log = openLog(places.logFile);
  try {
    const { program, reach } = options;
    const words = [process.execPath, program, ...serveArguments(desktop, places, options, user)];
    const kept = [places.folder, dirname(places.socket), process.execPath, realpathSync(program)];
    if (reach !== undefined) kept.push(dirname(reach.certificate.certFile));
    const own = user ? await isolated(words, { own: places.temporary, kept }) : words;
    const [command, ...args] = [...limitedBy, ...own];
    const child = spawn(command!, args, {
      cwd: '/',
      env: environment(isRoot ? undefined : places.home),
      detached: true,
      stdio: ['ignore', log, log],
    });
    const started = new Promise<void>((done, fail) => child.once('spawn', done).once('error', fail));
    child.unref();
    await started;
    return { pid: child.pid!, startedAt: startOf(child.pid!) };
  } finally {
    closeSync(log);
  }
}

/** Finds the processes of desktops that an earlier fleet has started, by the file of their keys. */
export function findProcesses(): Map<string, DesktopProcess> {
  const keyFiles = new Map<number, string>();
  for (const pid of processIds()) {
    const args = argumentsOf(pid);
    const at = args.indexOf(KEY_FLAG);
    // Programs of desktops could have such arguments, too, but not our user.
    if (at >= 0 && isOwn(pid)) keyFiles.set(pid, args[at + 1]!);
  }
  const found = new Map<string, DesktopProcess>();
  for (const [pid, keyFile] of keyFiles) {
    // A command that prepares the start has these arguments, too, and so has what it has just forked.
    const parent = Number(statOf(pid)[PARENT_FIELD]);
    if (keyFiles.get(parent) !== keyFile) found.set(keyFile, { pid, startedAt: startOf(pid) });
  }
  return found;
}

/** Whether a process still runs. */
export function isAlive({ pid, startedAt }: DesktopProcess): boolean {
  const stat = statOf(pid);
  return stat.length > 0 && stat[0] !== 'Z' && stat[START_FIELD] === startedAt;
}

/** Whether a process is frozen. */
export const isFrozen = ({ pid }: DesktopProcess): boolean => statOf(pid)[0] === 'T';

/** Sends a signal to a desktop's server. */
export function signalProcess(process_: DesktopProcess, signal: NodeJS.Signals): void {
  if (isAlive(process_)) trySignal(process_.pid, signal);
}

/** Freezes a desktop's server and all programs of the desktop. */
export function freeze(process_: DesktopProcess): void {
  signalProcess(process_, 'SIGSTOP');
  freezeDescendants(process_.pid, () => !isAlive(process_));
}

/** Has all of them go on: the programs first, so that the server does not take them for hung. */
export function thaw(process_: DesktopProcess): void {
  if (!isAlive(process_)) return;
  thawDescendants(process_.pid);
  trySignal(process_.pid, 'SIGCONT');
}

/** Ends a desktop at once, without any of its programs going on if it is frozen. */
export function killDesktop(process_: DesktopProcess): void {
  if (!isAlive(process_)) return;
  const tree = descendantsOf(process_.pid);
  const keepers = tree.filter((pid) => argumentsOf(pid).includes(KEEPER_NAME));
  for (const pid of tree) if (!keepers.includes(pid)) trySignal(pid, 'SIGKILL');
  trySignal(process_.pid, 'SIGKILL');
  // It removes what the server leaves behind.
  for (const pid of keepers) trySignal(pid, 'SIGCONT');
}

/** Whether the desktop answers. */
export function isReady({ key, epoch }: Desktop, { socket }: DesktopPlaces): Promise<boolean> {
  const expiresMs = Date.now() + ASSERTION_LIFE_MS;
  const assertion = writeAssertion({ user: undefined, address: HOST_ADDRESS, epoch, expiresMs }, key);
  return new Promise((resolve) => {
    const asked = request(
      { socketPath: socket, path: '/readyz', agent: false, headers: { [ASSERTION_HEADER]: assertion } },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode === 200);
      },
    );
    asked.setTimeout(READY_LIMIT_MS, () => asked.destroy());
    asked.on('error', () => resolve(false)).end();
  });
}

/** Empties the home folder. A Unix user is made anew, so that its home has what a new one has. */
async function removeHome(places: DesktopPlaces): Promise<void> {
  if (process.geteuid?.() === 0) await removeFleetUser(places.userId);
  await rm(places.home, { recursive: true, force: true });
}

/** Removes all files of a desktop, and its Unix user. */
export async function removeDesktop(places: DesktopPlaces): Promise<void> {
  if (process.geteuid?.() === 0) await removeFleetUser(places.userId);
  await rm(places.socket, { force: true });
  await rm(places.folder, { recursive: true, force: true });
}

const KEY_FLAG = '--edge-key-file';

function serveArguments(
  { name, command, size, gl, port }: Desktop,
  places: DesktopPlaces,
  { basePath, reach }: StartOptions,
  user: DesktopUser | undefined,
): string[] {
  return [
    ...[
      'serve',
      '--listen',
      `unix:${places.socket}`,
      '--base-path',
      `${basePath}/d/${name}`,
      '--data',
      places.data,
    ],
    ...[KEY_FLAG, places.keyFile, '--environment-file', places.environmentFile],
    ...(reach === undefined || port === undefined ? [] : reachArguments(reach, port)),
    ...(size === undefined ? [] : ['--size', size]),
    ...(gl === undefined ? [] : [`--gl=${gl}`]),
    ...(command === undefined ? [] : [`--run=${command}`]),
    ...(user === undefined ? [] : ['--desktop-user', user.name]),
  ];
}

/** Has the server listen with TLS, too. It answers only what an edge has signed, and so believes whose it is. */
const reachArguments = ({ address, certificate }: HostReach, port: number): string[] => [
  ...['--listen', formatListenPlace({ kind: 'tcp', host: address, port })],
  ...['--cert', certificate.certFile, '--key', certificate.keyFile, '--trust-proxy', '0.0.0.0/0,::/0'],
];

/** Settings of the fleet, which are not those of its desktops, and folders that desktops would share. */
const NOT_PASSED_ON = /^(DESKWIRE_.*|XDG_(CACHE|CONFIG|DATA|STATE)_HOME)$/;

function environment(home: string | undefined): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !NOT_PASSED_ON.test(name));
  return { ...Object.fromEntries(kept), ...(home !== undefined && { HOME: home }) };
}

function openLog(path: string): number {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > MAX_LOG_BYTES) truncateSync(path);
  return openSync(path, 'a', 0o600);
}

/** Places of the parent and of the time of the start among the fields that `statOf` returns. */
const PARENT_FIELD = 1;
const START_FIELD = 19;

const startOf = (pid: number): string => statOf(pid)[START_FIELD] ?? '';

const isOwn = (pid: number): boolean =>
  statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid === process.geteuid?.();
