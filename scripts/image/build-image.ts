import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { addNode, makeDebian } from './base-image.ts';
import type { Stage, Step } from './dockerfile.ts';
import { inNamespaces } from './in-namespaces.ts';

/** What the steps of a stage have set so far. */
interface State {
  readonly folder: string;
  readonly env: Record<string, string>;
  workdir: string;
  user: string;
}

/** An image as a folder, and what its steps have set. */
export interface Image extends Readonly<State> {}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Runs the stages in folders of `work`. Returns the last one. `context` is the folder of the Dockerfile. */
export function buildImage(
  stages: readonly Stage[],
  context: string,
  work: string,
  say: (text: string) => void,
): Image {
  const built = new Map<string, State>();
  let last: State | undefined;
  for (const [index, stage] of stages.entries()) {
    const folder = join(work, `stage-${index}`);
    makeBase(stage.image, folder, work, say);
    last = { folder, env: { PATH }, workdir: '/', user: '0:0' };
    for (const step of stage.steps) {
      const startedAt = performance.now();
      carryOut(step, last, built, context);
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      say(`${stage.name ?? 'image'}: ${describe(step)} (${seconds} s)`);
    }
    if (stage.name !== undefined) built.set(stage.name, last);
  }
  if (!last) throw new Error('the Dockerfile has no stage');
  return last;
}

/** Makes the folder of an image such as `debian:bookworm-slim`. Each release is installed once. */
function makeBase(image: string, folder: string, work: string, say: (text: string) => void): void {
  const [, name, release] = /^(debian|node):(?:\d+-)?([a-z]+)-slim$/.exec(image) ?? [];
  if (name === undefined || release === undefined)
    throw new Error(`there is no folder for the image ${image}`);
  const base = join(work, `debian-${release}`);
  if (!existsSync(base)) {
    say(`Debian ${release} by debootstrap`);
    makeDebian(base, release);
  }
  rmSync(folder, { recursive: true, force: true });
  execFileSync('cp', ['-a', base, folder]);
  if (name === 'node') addNode(folder);
}

function carryOut(step: Step, state: State, built: ReadonlyMap<string, State>, context: string): void {
  switch (step.kind) {
    case 'run':
      runIn(state, step.command);
      break;
    case 'copy':
      copyInto(state, step, built, context);
      break;
    case 'env':
      state.env[step.name] = step.value;
      break;
    case 'workdir':
      state.workdir = step.path;
      mkdirSync(join(state.folder, step.path), { recursive: true });
      break;
    case 'user':
      state.user = step.user;
      break;
  }
}

/** Runs a command line in the folder as in a container, with a /proc and a /dev of its own. */
function runIn({ folder, env, workdir, user }: State, command: string): void {
  const inside = `
    mount -t proc proc "$1/proc"
    mount --rbind /dev "$1/dev"
    exec chroot --userspec="$2" "$1" /bin/sh -c 'cd "$0" && eval "$1"' "$3" "$4"`;
  const proxies = Object.entries(process.env).filter(([name]) =>
    /^(https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS)$/i.test(name),
  );
  execFileSync('unshare', inNamespaces(inside, [folder, user, workdir, command]), {
    env: {
      HOME: '/root',
      TERM: 'dumb',
      DEBIAN_FRONTEND: 'noninteractive',
      ...Object.fromEntries(proxies),
      ...env,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

function copyInto(
  { folder, workdir }: State,
  { from, sources, target }: Extract<Step, { kind: 'copy' }>,
  built: ReadonlyMap<string, State>,
  context: string,
): void {
  const place = join(folder, posix.resolve(workdir, target));
  if (from === undefined && sources.join() === '.') {
    // What .dockerignore leaves out is what git does not know.
    mkdirSync(place, { recursive: true });
    const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: context,
    });
    execFileSync('tar', ['-C', context, '--null', '-T', '-', '-cf', `${place}.tar`], { input: list });
    execFileSync('tar', ['-xf', `${place}.tar`, '-C', place]);
    execFileSync('rm', [`${place}.tar`]);
    return;
  }
  const root = from === undefined ? context : built.get(from)?.folder;
  if (root === undefined) throw new Error(`there is no stage ${from}`);
  const isFolder = target.endsWith('/') || sources.length > 1;
  mkdirSync(isFolder ? place : dirname(place), { recursive: true });
  for (const source of sources) {
    const to = isFolder ? join(place, posix.basename(source)) : place;
    cpSync(join(root, source), to, { recursive: true, verbatimSymlinks: true });
  }
}

function describe(step: Step): string {
  if (step.kind === 'run') return `RUN ${step.command.slice(0, 80)}`;
  if (step.kind === 'copy') return `COPY ${step.sources.join(' ')} ${step.target}`;
  return step.kind.toUpperCase();
}
