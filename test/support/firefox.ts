import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';

/** Longest wait for the start and for each command, in ms: longer than either takes on a loaded machine. */
const LIMIT_MS = 60_000;
/** Longest wait for the end, in ms. */
const END_LIMIT_MS = 10_000;

/** Nothing that uses the network by itself. Pages may read the clipboard, as after the user's consent. */
const PREFERENCES: Readonly<Record<string, boolean | number>> = {
  'app.update.enabled': false,
  'app.normandy.enabled': false,
  'browser.safebrowsing.update.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'dom.events.testing.asyncClipboard': true,
  'extensions.update.enabled': false,
  'media.gmp-manager.updateEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.load_dump': false,
  'toolkit.telemetry.enabled': false,
};

interface Answer {
  readonly id?: number;
  readonly type: string;
  readonly result?: Record<string, unknown>;
  readonly error?: string;
  readonly message?: string;
}

type Action = Readonly<Record<string, unknown>>;

/** Debian's Firefox with one window, driven by WebDriver BiDi over its WebSocket. */
export class Firefox {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #lastId = 0;
  #window = '';

  private constructor(process: ChildProcess, profile: string, socket: WebSocket) {
    this.#process = process;
    this.#profile = profile;
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      const answer: Answer = JSON.parse(data.toString());
      if (answer.id !== undefined) this.#waiting.get(answer.id)?.(answer);
    });
    socket.on('close', () => {
      for (const settle of this.#waiting.values()) settle({ type: 'error', message: 'Firefox has ended' });
    });
  }

  static async start(width: number, height: number): Promise<Firefox> {
    const profile = await mkdtemp(join(tmpdir(), 'deskwire-firefox-'));
    const lines = Object.entries(PREFERENCES).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${value});`,
    );
    await writeFile(join(profile, 'user.js'), lines.join('\n'));
    const program = process.env.DESKWIRE_FIREFOX ?? 'firefox-esr';
    const flags = ['--headless', '--no-remote', '--remote-debugging-port=0', '--profile', profile];
    const child = spawn(program, flags, {
      env: { ...process.env, HOME: profile },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    try {
      const socket = new WebSocket(`${await endpointOf(child)}/session`);
      await once(socket, 'open', { signal: AbortSignal.timeout(LIMIT_MS) });
      const firefox = new Firefox(child, profile, socket);
      await firefox.#begin(width, height);
      return firefox;
    } catch (error) {
      await end(child, profile);
      throw error;
    }
  }

  async #begin(width: number, height: number): Promise<void> {
    await this.#send('session.new', { capabilities: { alwaysMatch: { acceptInsecureCerts: true } } });
    const { contexts } = await this.#send('browsingContext.getTree', {});
    this.#window = (contexts as { context: string }[])[0]!.context;
    await this.#send('browsingContext.setViewport', { context: this.#window, viewport: { width, height } });
  }

  async goto(url: string): Promise<void> {
    await this.#send('browsingContext.navigate', { context: this.#window, url, wait: 'complete' });
  }

  /** Runs an expression in the page, as after a click. Resolves with its value, or what that resolves with. */
  async evaluate<T>(script: string): Promise<T> {
    const answer = await this.#send('script.evaluate', {
      expression: `Promise.resolve(${script}).then((value) => JSON.stringify(value ?? null))`,
      target: { context: this.#window },
      awaitPromise: true,
      userActivation: true,
    });
    if (answer.type !== 'success') throw new Error(JSON.stringify(answer.exceptionDetails));
    return JSON.parse((answer.result as { value: string }).value);
  }

  /** Types text, one key after the other. */
  type(text: string): Promise<void> {
    const presses = Array.from(text).flatMap((value) => [
      { type: 'keyDown', value },
      { type: 'keyUp', value },
    ]);
    return this.#act({ type: 'key', id: 'keyboard', actions: presses });
  }

  /** Presses a key with Control held. */
  control(value: string): Promise<void> {
    const control = '\uE009';
    const [down, up] = [control, value].map((key) => ({ type: 'keyDown', value: key }));
    const releases = [value, control].map((key) => ({ type: 'keyUp', value: key }));
    return this.#act({ type: 'key', id: 'keyboard', actions: [down, up, ...releases] });
  }

  click(x: number, y: number): Promise<void> {
    const button = { button: 0 };
    const actions = [
      { type: 'pointerMove', x, y },
      { type: 'pointerDown', ...button },
      { type: 'pointerUp', ...button },
    ];
    return this.#act({ type: 'pointer', id: 'mouse', actions });
  }

  wheel(x: number, y: number, deltaY: number): Promise<void> {
    return this.#act({
      type: 'wheel',
      id: 'wheel',
      actions: [{ type: 'scroll', x, y, deltaX: 0, deltaY }],
    });
  }

  /** Ends it and removes its profile. */
  async close(): Promise<void> {
    this.#socket.close();
    await end(this.#process, this.#profile);
  }

  async #act(actions: Action): Promise<void> {
    await this.#send('input.performActions', { context: this.#window, actions: [actions] });
  }

  async #send(method: string, params: object): Promise<Record<string, unknown>> {
    const id = ++this.#lastId;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.set(id, resolve);
    const timer = setTimeout(() => resolve({ type: 'error', message: 'no answer in time' }), LIMIT_MS);
    this.#socket.send(JSON.stringify({ id, method, params }));
    const answer = await promise;
    clearTimeout(timer);
    this.#waiting.delete(id);
    if (answer.type !== 'success')
      throw new Error(`${method}: ${answer.error ?? ''} ${answer.message ?? ''}`);
    return answer.result ?? {};
  }
}

/** Resolves with the address that Firefox prints once it listens. */
async function endpointOf(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const printed: string[] = [];
  const timer = setTimeout(
    () => reject(new Error(`Firefox does not listen: ${printed.join('\n')}`)),
    LIMIT_MS,
  );
  child.once('error', reject);
  child.once('exit', () => reject(new Error(`Firefox has ended: ${printed.join('\n')}`)));
  createInterface(child.stderr!).on('line', (line) => {
    printed.push(line);
    const [, address] = /WebDriver BiDi listening on (ws:\S+)/.exec(line) ?? [];
    if (address !== undefined) resolve(address);
  });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

async function end(child: ChildProcess, profile: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const exited = once(child, 'exit');
    child.kill();
    const timer = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS);
    await exited;
    clearTimeout(timer);
  }
  // Its other processes may write for a moment longer.
  await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}
