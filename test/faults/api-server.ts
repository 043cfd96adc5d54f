import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openAccounts } from '../../src/accounts/file-accounts.ts';
import { HttpsClient } from '../support/https-client.ts';

const PROGRAM = new URL('./api-process.ts', import.meta.url);
export const OWNER = { name: 'ada', password: 'ada-secret' };

/** Creates the owner of a data folder. */
export async function createOwner(folder: string): Promise<void> {
  const accounts = await openAccounts({
    folder,
    cost: { algorithm: 'scrypt', logN: 4, blockSize: 8, lanes: 1 },
  });
  const rights = { read: true, write: true, owner: true };
  await accounts.apply([{ kind: 'create', ...OWNER, rights, overwrite: false }]);
  await accounts.close();
}

/** A server on a data folder, in a process that may be killed, and a caller of its API. */
export class ApiServer {
  readonly url: string;
  readonly client: HttpsClient;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  static async start(folder: string): Promise<ApiServer> {
    const env = { ...process.env };
    delete env.NODE_TEST_CONTEXT;
    const child = fork(PROGRAM, [folder], {
      env,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const ended = once(child, 'exit');
    const url = await Promise.race([once(child, 'message'), ended.then(() => undefined)]);
    if (url === undefined) throw new Error('The server ended before it was ready.');
    return new ApiServer(child, ended, url[0] as string, readFileSync(join(folder, 'cert.pem'), 'utf8'));
  }

  private constructor(child: ChildProcess, ended: Promise<unknown>, url: string, ca: string) {
    this.#child = child;
    this.#ended = ended;
    this.url = url;
    this.client = new HttpsClient(url, ca, OWNER);
  }

  /** Kills it at once. Resolves when its process is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
    this.client.close();
  }
}
