import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import * as wire from '../../src/protocol/constants.ts';
import { ADA, ContractServer, EVE } from '../api/contract-server.ts';
import { BuiltSdk } from '../sdk/built-sdk.ts';
import { STANDARD_ENCODINGS } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');

let sdk: BuiltSdk;
before(async () => {
  sdk = await BuiltSdk.build();
});
after(() => sdk?.remove());

/** The examples of a page, as one program. */
function programOf(page: string): string {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code).join('\n');
}

/** Checks programs against the types of the library. Resolves with what the compiler prints. */
async function checkTypes(programs: Readonly<Record<string, string>>, more: object): Promise<string> {
  for (const [name, text] of Object.entries(programs)) writeFileSync(join(sdk.folder, name), text);
  const compilerOptions = {
    ...{ strict: true, noEmit: true, allowJs: true, checkJs: true, target: 'es2022', module: 'nodenext' },
    ...{ exactOptionalPropertyTypes: true, typeRoots: [join(ROOT, 'node_modules/@types')] },
    ...more,
  };
  const config = join(sdk.folder, 'tsconfig.json');
  writeFileSync(config, JSON.stringify({ compilerOptions, files: Object.keys(programs) }));
  const compiler = join(ROOT, 'node_modules/.bin/tsc');
  const { stdout } = await run(compiler, ['-p', config], { cwd: sdk.folder }).catch((error) => error);
  return stdout;
}

const examples = programOf('docs/sdk.md');

test('the examples of docs/sdk.md and of the README fit the types of the client library', async () => {
  const programs = { 'examples.mjs': examples, 'readme.mjs': programOf('README.md') };
  assert.equal(await checkTypes(programs, { types: ['node'], skipLibCheck: true }), '');
});

test('the types of the client library need no package, and tell what is wrong', async () => {
  const wrong = [
    ['await desk.getScreenshot({ widht: 480 });', /widht/],
    ["await desk.getScreenshot({ format: 'gif' });", /gif/],
    ['await desk.createUser({ name: "fred" });', /password/],
    ['hasCode(undefined, "NO_SUCH_CODE");', /NO_SUCH_CODE/],
    ['for await (const { type } of desk.events()) if (type === "nothing") break;', /nothing/],
    ['await desk.putClipboard();', /arguments/],
  ] as const;
  const head =
    "import { connect, hasCode } from 'deskwire/sdk'; const desk = connect({ url: 'https://desk/' });\n";
  const right = 'export const names: string[] = (await desk.getUsers()).map(({ user }) => user);\n';
  const text = `${head}${wrong.map(([line]) => line).join('\n')}\n${right}`;
  // Without the types of Node.js, as in a page. The types of the library are checked too.
  const printed = await checkTypes({ 'use.mts': text }, { types: [], lib: ['es2022', 'dom'] });
  const faults = printed.split('\n').filter((line) => /^\S/.test(line));
  assert.equal(faults.length, wrong.length, printed);
  for (const [index, [, reason]] of wrong.entries()) {
    assert.ok(faults[index]!.startsWith(`use.mts(${index + 2},`), printed);
    assert.match(faults[index]!, reason);
  }
});

/** A server with an owner of the name that the examples use. Its certificate is where they look for it. */
async function startServer(): Promise<{ readonly server: ContractServer; readonly token: string }> {
  const server = await ContractServer.start();
  const ada = server.client(ADA);
  await ada.get('/api/create_user?name=owner&password=owner-secret&owner=true');
  const { token } = (await ada.post('/api/tokens', { name: 'docs', scopes: ['admin'] })).json();
  const data = join(sdk.folder, '.local/share/deskwire');
  mkdirSync(data, { recursive: true });
  copyFileSync(server.certificatePath, join(data, 'cert.pem'));
  return { server, token };
}

/** Runs examples as they stand there, apart from the port. */
class RunningExamples {
  readonly #program: ChildProcess;
  readonly ended: Promise<unknown[]>;
  output = '';

  constructor(examples: string, server: ContractServer, environment: NodeJS.ProcessEnv) {
    const ready = examples.replace(':8443/', `:${server.http.port}/`).replace('listen(8000', 'listen(0');
    writeFileSync(join(sdk.folder, 'examples.mjs'), ready);
    this.#program = spawn(process.execPath, ['examples.mjs'], {
      cwd: sdk.folder,
      env: { PATH: process.env.PATH, HOME: sdk.folder, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#program.stdout!, this.#program.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    this.ended = once(this.#program, 'close');
  }

  /** Waits until they read events. */
  async readEvents(server: ContractServer): Promise<void> {
    const ada = server.client(ADA);
    await waitFor('a reader of events', async () => {
      assert.equal(this.#program.exitCode, null, this.output);
      return /^deskwire_event_readers 1$/m.test((await ada.get('/metrics')).text());
    });
  }

  /** Waits until they listen. Resolves with the port, which a line beyond the examples prints. */
  async listens(): Promise<number> {
    return waitFor('the site', () => {
      assert.equal(this.#program.exitCode, null, this.output);
      return Number(/^site at (\d+)$/m.exec(this.output)?.[1] ?? 0) || undefined;
    });
  }

  async stop(): Promise<void> {
    this.#program.kill('SIGKILL');
    await this.ended;
  }
}

test('the examples of docs/sdk.md work in the order of the page', async () => {
  const { server, token } = await startServer();
  const viewer = await server.viewer(EVE, { encodings: [...STANDARD_ENCODINGS, wire.PSEUDO_DESKWIRE] });
  const [{ id }] = (await server.client(ADA).get('/api/viewers')).json().viewers;
  const tell = "site.on('listening', () => console.log('site at ' + site.address().port));";
  const program = new RunningExamples(`${examples}\n${tell}`, server, { TOKEN: token });
  try {
    await program.readEvents(server);
    const crossing = { type: 'bottleneck_crossed', connection: id, user: 'eve', address: '' } as const;
    server.events.publish({ ...crossing, number: 'cpu', direction: 'down', value: 1 });
    server.events.publish({ ...crossing, number: 'network', direction: 'down', value: 3.1 });
    server.events.publish({ ...crossing, number: 'network', direction: 'up', value: 7.9 });
    const port = await program.listens();
    const page = await (await fetch(`http://127.0.0.1:${port}/`)).text();
    assert.match(page, /<iframe src="https:\/\/127\.0\.0\.1:\d+\/login\.html#ticket=dwk_/);
  } finally {
    await program.stop();
    await viewer.close();
    await server.close();
  }
  for (const part of [
    /^ada \{ read: true, write: true, owner: true \}$/m,
    /^ACCOUNTS_USER_EXISTS 400 /m,
    new RegExp(`^eve ${id} [\\d.]+ [\\d.]+$`, 'm'),
    /^eve: the link is too slow \(3\.1\)\neve: the link is fast again \(7\.9\)$/m,
  ])
    assert.match(program.output, part);
  assert.deepEqual([...readFileSync(join(sdk.folder, 'screen.png')).subarray(1, 4)], [...Buffer.from('PNG')]);
});

test('the example of the client library in the README works', async () => {
  const { server } = await startServer();
  const program = new RunningExamples(programOf('README.md'), server, { PASSWORD: 'owner-secret' });
  try {
    await program.readEvents(server);
    server.events.publish({ type: 'resized', width: 640, height: 480 });
    await waitFor('the event', () => /^\{\}\nhello [\s\S]*^resized \{$/m.test(program.output));
  } finally {
    await program.stop();
    await server.close();
  }
});
