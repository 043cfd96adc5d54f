import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { request as requestTls } from 'node:https';
import { waitFor } from './wait-for.ts';

/** One event of a stream. */
export interface ReadEvent {
  readonly id: string;
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test asserts the content.
  readonly data: any;
}

export interface EventReaderOptions {
  /** Such as `https://127.0.0.1:8443/api/events`. */
  readonly url: string;
  readonly ca: string;
  readonly user: { readonly name: string; readonly password: string };
  readonly lastEventId?: string;
}

/** Reads Server-Sent Events as EventSource does, without connecting again. */
export class EventReader {
  /** Resolves when the stream has begun. Rejects if the call is refused. */
  static open({ url, ca, user, lastEventId }: EventReaderOptions): Promise<EventReader> {
    const login = Buffer.from(`${user.name}:${user.password}`).toString('base64');
    const headers = {
      Authorization: `Basic ${login}`,
      Accept: 'text/event-stream',
      ...(lastEventId !== undefined && { 'Last-Event-ID': lastEventId }),
    };
    return new Promise((resolve, reject) => {
      const send = url.startsWith('https:') ? requestTls : request;
      const outgoing = send(url, { ca, headers, agent: false }, (incoming) => {
        if (incoming.statusCode === 200) {
          resolve(new EventReader(outgoing, incoming));
          return;
        }
        incoming.resume();
        reject(new Error(`The answer has status ${incoming.statusCode}.`));
      });
      outgoing.on('error', reject);
      outgoing.end();
    });
  }

  readonly events: ReadEvent[] = [];
  readonly headers: IncomingMessage['headers'];
  /** How the stream ended. */
  ending: 'ended' | 'cut off' | undefined;
  readonly #outgoing: ClientRequest;
  #text = '';

  private constructor(outgoing: ClientRequest, incoming: IncomingMessage) {
    this.#outgoing = outgoing;
    this.headers = incoming.headers;
    incoming.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    incoming.on('error', () => undefined);
    incoming.on('close', () => {
      this.ending = incoming.complete ? 'ended' : 'cut off';
    });
  }

  get types(): string[] {
    return this.events.map(({ type }) => type);
  }

  /** Waits for an event of this type, beginning with the `from`th event. */
  async until(type: string, from = 0): Promise<ReadEvent> {
    return waitFor(`the event ${type} behind ${this.types.join(', ')}`, () =>
      this.events.slice(from).find((event) => event.type === type),
    );
  }

  close(): void {
    this.#outgoing.destroy();
  }

  #take(text: string): void {
    this.#text += text;
    const blocks = this.#text.split('\n\n');
    this.#text = blocks.pop()!;
    for (const block of blocks) {
      const fields = new Map(
        block.split('\n').map((line): [string, string] => {
          const [, name = '', value = ''] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
          return [name, value];
        }),
      );
      const data = fields.get('data');
      if (data === undefined) continue;
      this.events.push({
        id: fields.get('id') ?? '',
        type: fields.get('event') ?? '',
        data: JSON.parse(data),
      });
    }
  }
}
