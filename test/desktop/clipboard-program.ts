import assert from 'node:assert/strict';
import type { Property, XEvent } from 'x11';
import type { XConnection } from '../../src/desktop/x11/wire/connection.ts';
import { connectTo, until } from './support.ts';

const PROPERTY_NOTIFY = 28;
const SELECTION_CLEAR = 29;
const SELECTION_REQUEST = 30;
const SELECTION_NOTIFY = 31;
const PROPERTY_CHANGE_MASK = 1 << 22;
const ATOM = 4;

/** A program of the desktop that owns selections, and asks for them, request by request. */
export class ClipboardProgram {
  readonly x: XConnection;
  readonly window: number;
  /** Selections that another program took from it. */
  readonly lost: number[] = [];
  readonly #events: XEvent[] = [];
  #forms: ReadonlyMap<number, Buffer> = new Map();

  static async open(env: NodeJS.ProcessEnv): Promise<ClipboardProgram> {
    const program = new ClipboardProgram(await connectTo(env));
    await program.x.sync();
    return program;
  }

  private constructor(x: XConnection) {
    this.x = x;
    this.window = x.client.AllocID();
    const values = { eventMask: PROPERTY_CHANGE_MASK };
    x.client.CreateWindow(this.window, x.root, 0, 0, 9, 9, 0, 0, 1, 0, values);
    x.client.MapWindow(this.window);
    x.onEvent((event) => {
      if (event.type === SELECTION_REQUEST) void this.#answer(event);
      else if (event.type === SELECTION_CLEAR) this.lost.push(event.selection as number);
      else this.#events.push(event);
    });
  }

  /** Offers these forms, and their names as TARGETS. */
  async own(selection: string, forms: Readonly<Record<string, Buffer>>): Promise<void> {
    const entries = Object.entries(forms).map(
      async ([name, data]) => [await this.x.atom(name), data] as const,
    );
    this.#forms = new Map(await Promise.all(entries));
    this.x.client.SetSelectionOwner(this.window, await this.x.atom(selection), 0);
    await this.x.sync();
  }

  /** Gives this program the keyboard. */
  async focus(): Promise<void> {
    this.x.client.SetInputFocus(this.window, 0);
    await this.x.sync();
  }

  /**
   * Asks for several targets of a selection at once (MULTIPLE). Resolves with the data of each, taken in pieces if the
   * owner wants that; undefined for those that it refused.
   */
  async askMultiple(selection: string, targets: readonly string[]): Promise<(Buffer | undefined)[]> {
    const { x } = this;
    const [multiple, pair, incr, own] = await Promise.all(
      ['MULTIPLE', 'ATOM_PAIR', 'INCR', selection].map((name) => x.atom(name)),
    );
    const pairs = await Promise.all(
      targets.map(async (name, i) => [await x.atom(name), await x.atom(`ANSWER_${i}`)] as const),
    );
    const list = await x.atom('WANTED');
    x.client.ChangeProperty(0, this.window, list, pair!, 32, pairs.flat(), () => true);
    await x.sync();
    this.#events.length = 0;
    x.client.ConvertSelection(this.window, own!, multiple!, list, 0);
    const answer = await this.#next((event) => event.type === SELECTION_NOTIFY);
    assert.notEqual(answer.property, 0, 'MULTIPLE is supported');
    const { data } = await this.#property(list);
    const results: (Buffer | undefined)[] = [];
    for (const [i, [, property]] of pairs.entries()) {
      const isRefused = data.readUInt32LE(i * 8) === 0;
      results.push(isRefused ? undefined : await this.#taken(property, incr!));
    }
    return results;
  }

  close(): Promise<void> {
    return this.x.close();
  }

  async #taken(property: number, incr: number): Promise<Buffer> {
    const first = await this.#property(property);
    if (first.type !== incr) return first.data;
    const pieces: Buffer[] = [];
    for (;;) {
      this.#events.length = 0;
      this.x.client.DeleteProperty(this.window, property);
      await this.#next(
        ({ type, atom, state }) => type === PROPERTY_NOTIFY && atom === property && state === 0,
      );
      const { data } = await this.#property(property);
      if (data.length === 0) return Buffer.concat(pieces);
      pieces.push(Buffer.from(data));
    }
  }

  #property(property: number): Promise<Property> {
    return this.x.request<Property>((client, done) =>
      client.GetProperty(0, this.window, property, 0, 0, 1 << 24, done),
    );
  }

  #next(isIt: (event: XEvent) => boolean): Promise<XEvent> {
    return until(() => this.#events.find(isIt), 'an event of the selection');
  }

  async #answer(event: XEvent): Promise<void> {
    const { client } = this.x;
    const { requestor, selection, target, time } = event as unknown as Record<string, number>;
    const targets = await this.x.atom('TARGETS');
    const data = target === targets ? [targets, ...this.#forms.keys()] : this.#forms.get(target!);
    const property = data ? (event.property as number) : 0;
    const write = (type: number, format: number, value: Buffer | readonly number[]) =>
      client.ChangeProperty(0, requestor!, property, type, format, value, () => true);
    if (Buffer.isBuffer(data)) write(target!, 8, data);
    else if (data) write(ATOM, 32, data);
    const answer = { name: 'SelectionNotify', type: SELECTION_NOTIFY, seq: 0 };
    client.SendEvent(
      requestor!,
      0,
      0,
      { ...answer, time, requestor, selection, target, property },
      () => true,
    );
  }
}
