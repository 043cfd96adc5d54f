import { BroadcastChannel } from 'node:worker_threads';

let scripts = 0;

/**
 * A thread's script that does what a real script does, except for certain jobs. `trouble` is the source of a
 * function of a job. It returns `'exit'` to end the thread in the middle of its work, `'loop'` to let it compute
 * without end, or undefined.
 */
export class TroubledScript implements Disposable {
  readonly url: URL;
  readonly #channel: BroadcastChannel;
  readonly #waiting: (() => void)[] = [];
  #hung = 0;

  constructor(script: URL, trouble: string) {
    const name = `troubled script ${++scripts}`;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = () => {
      this.#hung++;
      for (const check of this.#waiting) check();
    };
    this.url = new URL(
      `data:text/javascript,${encodeURIComponent(`
        import { parentPort } from 'node:worker_threads';
        const trouble = ${trouble};
        const channel = new BroadcastChannel('${name}');
        channel.unref();
        parentPort.on('message', (tasks) => {
          for (const kind of tasks === 'end' ? [] : tasks.map(({ job }) => trouble(job))) {
            if (kind === 'exit') process.exit();
            if (kind === 'loop') channel.postMessage('looping');
            while (kind === 'loop');
          }
        });
        await import('${script.href}');
      `)}`,
    );
  }

  /** Resolves when this number of threads has begun to compute without end. */
  untilHung(threads: number): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (this.#hung >= threads) resolve();
      };
      this.#waiting.push(check);
      check();
    });
  }

  [Symbol.dispose](): void {
    this.#channel.close();
  }
}
