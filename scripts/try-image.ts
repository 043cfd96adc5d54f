/**
 * Proves that the Dockerfile makes an image that runs, where there is no Docker: runs its own steps in folders made by
 * debootstrap, then starts the image as Docker, Podman and Kubernetes do, and asks it for its health.
 *
 *   sudo node scripts/try-image.ts FOLDER [bookworm|trixie]
 *
 * Needs root, and Debian's debootstrap and iproute2; takes two to three minutes. Node.js, npm, the mirror and the
 * settings of apt and npm are those of this machine. FOLDER keeps the Debian that debootstrap made, for the next run.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { buildImage, type Image } from './image/build-image.ts';
import { parseDockerfile, type Start } from './image/dockerfile.ts';
import { inNamespaces } from './image/in-namespaces.ts';
import { type Container, containerOf } from './image/kubernetes.ts';

const ROOT = join(import.meta.dirname, '..');

/** Milliseconds for a start until the health check passes, and for an end. Larger ones report a failure later. */
const READY_LIMIT_MS = 60_000;
const END_LIMIT_MS = 10_000;
const POLL_MS = 200;

const [work, release = 'bookworm'] = process.argv.slice(2);
if (work === undefined || process.getuid?.() !== 0) {
  const help = readFileSync(import.meta.filename, 'utf8')
    .match(/^ \* ?.*$/gm)!
    .slice(0, 7);
  console.error(help.map((line) => line.replace(/^ \* ?/, '')).join('\n'));
  process.exit(2);
}

const say = (text: string): void => console.error(`try-image: ${text}`);

mkdirSync(work, { recursive: true });
const { stages, start } = parseDockerfile(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'), {
  DEBIAN: release,
});
const image = buildImage(stages, ROOT, work, say);
say(`the image has ${execFileSync('du', ['-sm', image.folder], { encoding: 'utf8' }).split('\t')[0]} MB`);

// docker run --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges
const docker: Container = {
  env: {},
  folders: [
    { path: '/tmp', mode: '1777', sizeMib: 64 },
    { path: '/dev/shm', mode: '1777', sizeMib: 64 },
    ...start.volumes.map((path) => ({ path, mode: '0700', sizeMib: 64 })),
  ],
  files: [],
};
const kubernetes = containerOf(readFileSync(join(ROOT, 'deploy/kubernetes/deskwire.yaml'), 'utf8'));
for (const [name, container] of [
  ['Docker and Podman', docker],
  ['Kubernetes', kubernetes],
] as const) {
  say(`as ${name} start it`);
  await tryContainer(image, start, container);
}
for (const index of stages.keys()) rmSync(join(work, `stage-${index}`), { recursive: true });
say('all held');

/** Runs the image with a read-only root until its health check passes, then ends it. */
async function tryContainer(
  built: Image,
  { entrypoint, command, healthCheck }: Start,
  container: Container,
): Promise<void> {
  const startedAt = performance.now();
  const main = runContainer(built, container, [...entrypoint, ...command]);
  const ended = once(main, 'exit');
  const first = await processOne(main);
  while (!(await isHealthy(built, first, healthCheck))) {
    if (main.exitCode !== null) throw new Error(`the container ended with ${main.exitCode}`);
    if (performance.now() - startedAt > READY_LIMIT_MS) throw new Error('it did not become healthy');
    await delay(POLL_MS);
  }
  say(`healthy after ${Math.round(performance.now() - startedAt)} ms`);
  const stoppedAt = performance.now();
  process.kill(first, 'SIGTERM');
  const hung = setTimeout(() => main.kill('SIGKILL'), END_LIMIT_MS);
  const [code] = await ended;
  clearTimeout(hung);
  if (code !== 0) throw new Error(`the container ended with ${code}`);
  say(`ended after ${Math.round(performance.now() - stoppedAt)} ms`);
}

function runContainer(
  built: Image,
  { env, folders, files }: Container,
  words: readonly string[],
): ChildProcess {
  const [uid] = built.user.split(':');
  const mounts = folders.map(({ path, mode, sizeMib }) => {
    const owner = path.startsWith('/dev') || path === '/tmp' ? '0' : uid;
    return `mkdir -p "$root${path}"; mount -t tmpfs -o size=${sizeMib}m,mode=${mode},uid=${owner},gid=${uid} tmpfs "$root${path}"`;
  });
  const made = files.map(({ path, text }) => `printf %s '${text}' >"$root${path}"`);
  const inside = `
    root=$1; shift
    ip link set lo up
    mount --bind "$root" "$root"
    mount -t proc proc "$root/proc"
    mount -t tmpfs -o mode=755 tmpfs "$root/dev"
    for name in null zero full random urandom tty; do : >"$root/dev/$name"; mount --bind /dev/$name "$root/dev/$name"; done
    ln -s /proc/self/fd "$root/dev/fd"
    ${mounts.join('\n')}
    ${made.join('\n')}
    mount -o remount,bind,ro "$root"
    exec chroot "$root" setpriv --reuid=${uid} --regid=${uid} --clear-groups --bounding-set=-all --no-new-privs \
      sh -c 'cd "$0" && exec "$@"' '${built.workdir}' "$@"`;
  return spawn('unshare', inNamespaces(inside, [built.folder, ...words], { isAlone: true }), {
    env: { ...built.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

/** The process that is process 1 in the container, which unshare starts. */
async function processOne({ pid }: ChildProcess): Promise<number> {
  for (;;) {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim();
    if (children !== '') return Number(children.split(' ')[0]);
    await delay(POLL_MS / 10);
  }
}

/** Runs the health check in the container, as its user. */
async function isHealthy(built: Image, first: number, healthCheck: readonly string[]): Promise<boolean> {
  const flags = [`--target=${first}`, '--mount', '--pid', '--net', '--root', '--wd'];
  const [uid = '0'] = built.user.split(':');
  const asUser = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
  const check = spawn('nsenter', [...flags, ...asUser, ...healthCheck], { env: built.env, stdio: 'ignore' });
  const [code] = await once(check, 'exit');
  return code === 0;
}
