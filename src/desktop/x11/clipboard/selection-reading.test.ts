import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import type { XEvent } from 'x11';
import type { XConnection } from '../wire/connection.ts';
import type { SelectionAtoms } from './selection-atoms.ts';
import {
  MAX_TEXT_BYTES,
  READING_TIMEOUT_MS,
  SelectionReading,
  type SelectionText,
} from './selection-reading.ts';

const ATOMS = { utf8: 300, incr: 301, string: 31 } as SelectionAtoms;
const SELECTION = 1;
const WINDOW = 2;
const PIECE_BYTES = 1 << 20;

/** An X server whose selection has an owner that sends pieces, for ever unless it has a limit. */
class EndlessOwner {
  isOpen = true;
  sentBytes = 0;
  deletions = 0;
  reading: SelectionReading | undefined;
  readonly client = {
    ConvertSelection: () =>
      this.#say({ type: 31, requestor: WINDOW, target: ATOMS.utf8, property: SELECTION }),
    DeleteProperty: () => {
      this.deletions++;
      if (this.isSending) this.#say({ type: 28, wid: WINDOW, atom: SELECTION, state: 0 });
    },
  };
  #hasBegun = false;
  readonly pieceBytes: number;
  /** Whether it answers the deletion of its piece with the next one. */
  isSending = true;

  readonly limitBytes: number;

  constructor(pieceBytes: number, limitBytes = Number.POSITIVE_INFINITY) {
    this.pieceBytes = pieceBytes;
    this.limitBytes = limitBytes;
  }

  request(): Promise<unknown> {
    const isAtEnd = this.sentBytes >= this.limitBytes;
    const type = this.#hasBegun ? ATOMS.utf8 : ATOMS.incr;
    const data = this.#hasBegun ? Buffer.alloc(isAtEnd ? 0 : this.pieceBytes, 'x') : Buffer.alloc(4);
    if (this.#hasBegun) this.sentBytes += data.length;
    this.#hasBegun = true;
    return Promise.resolve({ type, format: 8, bytesAfter: 0, data });
  }

  #say(event: Record<string, unknown>): void {
    queueMicrotask(() => this.reading?.heard(event as unknown as XEvent));
  }
}

function readFrom(owner: EndlessOwner): Promise<SelectionText | undefined> {
  owner.reading = new SelectionReading(owner as unknown as XConnection, ATOMS, SELECTION, WINDOW);
  return owner.reading.read();
}

const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await Promise.resolve();
};

test('a text in pieces that grows beyond the limit is taken to its end, and not reported', async () => {
  const owner = new EndlessOwner(PIECE_BYTES, 2 * MAX_TEXT_BYTES);
  assert.equal(await readFrom(owner), undefined);
  assert.equal(owner.sentBytes, 2 * MAX_TEXT_BYTES);
});

test('a text in pieces up to the limit is reported whole', async () => {
  const owner = new EndlessOwner(PIECE_BYTES, MAX_TEXT_BYTES);
  assert.equal((await readFrom(owner))?.text.length, MAX_TEXT_BYTES);
});

test('an owner that sends small pieces for ever is left after the time for a whole reading', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const owner = new EndlessOwner(1);
    const reading = readFrom(owner);
    let isOver = false;
    void reading.then(() => {
      isOver = true;
    });
    for (let ms = 0; ms < READING_TIMEOUT_MS; ms += 100) {
      await turns(20);
      assert.equal(isOver, false);
      mock.timers.tick(100);
    }
    assert.equal(await reading, undefined);
    const { deletions } = owner;
    await turns(100);
    assert.ok(owner.deletions <= deletions + 1, 'asks for no more pieces');
  } finally {
    mock.timers.reset();
  }
});

test('a reading that is aborted ends at once without a text', async () => {
  const owner = new EndlessOwner(1);
  owner.isSending = false;
  const reading = readFrom(owner);
  await turns(20);
  owner.reading!.abort();
  assert.equal(await reading, undefined);
});
