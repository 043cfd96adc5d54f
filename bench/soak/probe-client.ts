import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** What one thread's heap holds after its garbage was collected. */
export interface HeapUse {
  readonly thread: string;
  readonly usedBytes: number;
  /** Memory outside the heap that its objects hold: buffers, mostly. */
  readonly externalBytes: number;
}

/** Asks to collect all garbage or, with the path of a file, to write a snapshot of the main thread's heap. */
export interface ProbeCall {
  readonly snapshot?: string;
}

export interface ProbeAnswer {
  readonly heaps: readonly HeapUse[];
}

/** Longest wait for an answer, in ms: a snapshot stops a server for about a second, on a busy machine for longer. */
const ANSWER_LIMIT_MS = 60_000;

/** The way to a server's probe.ts. */
export class ProbeClient {
  readonly #socket: Socket;
  readonly #lines;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#lines = createInterface(socket);
  }

  static async connect(path: string): Promise<ProbeClient> {
    const socket = createConnection(path);
    await once(socket, 'connect');
    return new ProbeClient(socket);
  }

  async call(call: ProbeCall): Promise<ProbeAnswer> {
    const answered = once(this.#lines, 'line', { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
    this.#socket.write(`${JSON.stringify(call)}\n`);
    const [line] = await answered;
    return JSON.parse(line) as ProbeAnswer;
  }

  close(): void {
    this.#socket.destroy();
  }
}
