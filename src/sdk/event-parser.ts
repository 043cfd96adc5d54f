import { sdkError } from './errors.ts';

/** Characters of one event. Those of the server have some hundred. Larger ones take memory; smaller ones lose events. */
const MOST_EVENT_CHARS = 256 * 1024;

/** Cuts the text of a stream into the data of its events, as the HTML standard says of Server-Sent Events. */
export class EventParser {
  /** What the server asks to wait before the next connection. Undefined until it has said so. */
  retryMs: number | undefined;
  /** The beginning of a line that is not complete. */
  #rest = '';
  #data: string[] = [];
  #chars = 0;

  /** Takes the next piece of the stream. Returns the data of the events that it completes. */
  push(text: string): string[] {
    // A CR at the very end may be half of a CR LF.
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop()!;
    const events: string[] = [];
    for (const line of lines) {
      if (line !== '') this.#take(line);
      else if (this.#data.length > 0) {
        events.push(this.#data.join('\n'));
        this.#data = [];
        this.#chars = 0;
      }
      this.#bound(0);
    }
    this.#bound(this.#rest.length);
    return events;
  }

  /** The data has the id and the type of its event, so that these fields are not read. */
  #take(line: string): void {
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line)!;
    if (field === 'retry' && /^\d{1,9}$/.test(value)) this.retryMs = Number(value);
    if (field !== 'data') return;
    this.#data.push(value);
    this.#chars += value.length + 1;
  }

  #bound(more: number): void {
    if (this.#chars + more > MOST_EVENT_CHARS)
      throw sdkError('SDK_ANSWER_INVALID', `An event has more than ${MOST_EVENT_CHARS} characters.`);
  }
}
