import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '../support/wait-for.ts';

const CONFIGURATIONS = join(import.meta.dirname, '../../deploy/nginx');
const PROGRAM = '/usr/sbin/nginx';

/** Texts of a configuration that a test replaces, such as a port, each of which must be there. */
export type Replacements = readonly (readonly [text: string, by: string])[];

/** A real nginx in its own folder, with one of the configurations of docs/deploy.md. */
export interface RunningNginx {
  /** What it has written about faults. */
  errors(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts nginx. Resolves when it listens at `port`, which the configuration names after the replacements. */
export async function startNginx(
  file: string,
  port: number,
  replacements: Replacements,
): Promise<RunningNginx> {
  const folder = await mkdtemp(join(tmpdir(), 'deskwire-nginx-'));
  const log = join(folder, 'error.log');
  let server = await readFile(join(CONFIGURATIONS, file), 'utf8');
  for (const [text, by] of replacements) {
    if (!server.includes(text)) throw new Error(`${file} has no ${text}`);
    server = server.replaceAll(text, by);
  }
  // One process, as the user of the test: a worker of another account could not open the Unix socket of the test.
  const main = `daemon off; master_process off; pid ${folder}/pid; error_log ${log} warn;
    events { worker_connections 128; }
    http { access_log off; ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((name) => `${name}_temp_path ${folder}/${name};`)
      .join(' ')}
    ${server} }`;
  await writeFile(join(folder, 'nginx.conf'), main);
  const child = spawn(PROGRAM, ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', log], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const stop = async (): Promise<void> => {
    await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await waitFor(`nginx on port ${port}`, async () => {
      if (child.exitCode !== null) throw new Error(`nginx ended: ${stderr}`);
      return answers(port);
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { errors: () => readFile(log, 'utf8').catch(() => ''), stop };
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const isOpen = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return isOpen;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
