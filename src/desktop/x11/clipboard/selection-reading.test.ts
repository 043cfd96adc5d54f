import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { XEvent } from 'x11';
import type { XConnection } from '../wire/connection.ts';
import type { SelectionAtoms } from './selection-atoms.ts';
import {
  MAX_CONTENT_BYTES,
  READING_TIMEOUT_MS,
  type SelectionContent,
  SelectionReading,
} from './selection-reading.ts';

const ATOMS = {
  ...{ targets: 299, utf8: 300, incr: 301, plainUtf8: 302, html: 303, png: 304 },
  ...{ plainUtf8Upper: 305, plain: 306, text: 307 },
  ...{ primary: 1, atom: 4, string: 31 },
} as SelectionAtoms;
const SELECTION = 2;
const WINDOW = 3;
const PIECE_BYTES = 1 << 20;
const PNG = Buffer.from('\x89PNG\r\n\x1a\n and pixels', 'latin1');

const atoms = (...numbers: number[]): Buffer => {
  const data = Buffer.alloc(numbers.length * 4);
  for (const [i, number] of numbers.entries()) data.writeUInt32LE(number, i * 4);
  return data;
};

/** An X server whose selection has an owner that sends pieces, for ever unless it has a limit. */
class EndlessOwner {
  isOpen = true;
  sentBytes = 0;
  deletions = 0;
  reading: SelectionReading | undefined;
  #target = 0;
  readonly client = {
    ConvertSelection: (_window: number, _selection: number, target: number) => {
      this.#target = target;
      this.#say({ type: 31, requestor: WINDOW, target, property: SELECTION });
    },
    DeleteProperty: () => {
      if (this.#target === ATOMS.targets) return;
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
    if (this.#target === ATOMS.targets)
      return Promise.resolve({ type: ATOMS.atom, format: 32, bytesAfter: 0, data: atoms(ATOMS.utf8) });
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

function readFrom(owner: EndlessOwner): Promise<SelectionContent | undefined> {
  owner.reading = new SelectionReading(owner as unknown as XConnection, ATOMS, SELECTION, WINDOW);
  return owner.reading.read();
}

const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await Promise.resolve();
};

test('a text in pieces that grows beyond the limit is taken to its end, and reported as too large', async () => {
  const owner = new EndlessOwner(PIECE_BYTES, 2 * MAX_CONTENT_BYTES);
  const found = await readFrom(owner);
  assert.deepEqual([found?.content.size, found?.tooLarge], [0, ['text']]);
  assert.equal(owner.sentBytes, 2 * MAX_CONTENT_BYTES);
});

test('a text in pieces up to the limit is reported whole', async () => {
  const owner = new EndlessOwner(PIECE_BYTES, MAX_CONTENT_BYTES);
  assert.equal((await readFrom(owner))?.content.get('text')?.length, MAX_CONTENT_BYTES);
});

/** An owner that answers at once with these forms, each a type and its data; others it refuses. */
function ownerOf(forms: Readonly<Record<number, readonly [type: number, data: Buffer]>>) {
  const asked: number[] = [];
  const owner = {
    isOpen: true,
    reading: undefined as SelectionReading | undefined,
    client: {
      ConvertSelection: (_window: number, _selection: number, target: number) => {
        asked.push(target);
        const property = forms[target] ? SELECTION : 0;
        queueMicrotask(() =>
          owner.reading?.heard({ type: 31, requestor: WINDOW, target, property } as unknown as XEvent),
        );
      },
      DeleteProperty: () => undefined,
    },
    request: () => {
      const [type, data] = forms[asked.at(-1)!]!;
      return Promise.resolve({ type, format: 8, bytesAfter: 0, data });
    },
  };
  const read = async (selection = SELECTION) => {
    owner.reading = new SelectionReading(owner as unknown as XConnection, ATOMS, selection, WINDOW);
    const found = await owner.reading.read();
    return (
      found && {
        ...found,
        content: [...found.content].map(([format, bytes]) => [format, Buffer.from(bytes).toString('latin1')]),
      }
    );
  };
  return { read, asked };
}

test('a program’s text, HTML and PNG are read, and of marked content only the text', async () => {
  const { targets, atom, utf8, html, png, primary } = ATOMS;
  const forms = {
    [targets]: [atom, atoms(targets, utf8, html, png, 999)],
    [utf8]: [utf8, Buffer.from('text\0')],
    [html]: [html, Buffer.from('<b>text</b>')],
    [png]: [png, PNG],
  } as const;
  assert.deepEqual((await ownerOf(forms).read())?.content, [
    ['text', 'text'],
    ['html', '<b>text</b>'],
    ['png', PNG.toString('latin1')],
  ]);
  assert.deepEqual((await ownerOf(forms).read(primary))?.content, [['text', 'text']]);
});

test('HTML in UTF-16, as some programs have it, is read as UTF-8', async () => {
  const { targets, atom, html } = ATOMS;
  for (const mark of ['\ufeff', '']) {
    const { read } = ownerOf({
      [targets]: [atom, atoms(html)],
      [html]: [html, Buffer.from(`${mark}<b>ü</b>\0`, 'utf16le')],
    });
    assert.deepEqual((await read())?.content, [['html', Buffer.from('<b>ü</b>').toString('latin1')]]);
  }
});

test('data that is no PNG is not taken for one, and files that are copied are no text', async () => {
  const { targets, atom, png } = ATOMS;
  const { read } = ownerOf({ [targets]: [atom, atoms(png)], [png]: [png, Buffer.from('GIF89a')] });
  assert.equal(await read(), undefined);
  const files = ownerOf({ [targets]: [atom, atoms(998)] });
  assert.equal(await files.read(), undefined);
  assert.deepEqual(files.asked, [targets]);
});

test('a program that does not say what it has is asked for text, and Latin-1 becomes UTF-8', async () => {
  const { string } = ATOMS;
  const { read, asked } = ownerOf({ [string]: [string, Buffer.from('für', 'latin1')] });
  assert.deepEqual((await read())?.content, [['text', Buffer.from('für').toString('latin1')]]);
  assert.deepEqual(asked, [ATOMS.targets, ATOMS.utf8, string]);
});

test('a text is read whatever the program calls it, and in which of the usual encodings', async () => {
  const { targets, atom, utf8, plainUtf8, plainUtf8Upper, plain, text, string } = ATOMS;
  const wanted = [['text', Buffer.from('für').toString('latin1')]];
  for (const target of [utf8, plainUtf8, plainUtf8Upper, plain]) {
    const { read } = ownerOf({ [targets]: [atom, atoms(target)], [target]: [target, Buffer.from('für')] });
    assert.deepEqual((await read())?.content, wanted);
  }
  for (const [target, type] of [
    [string, string],
    [plain, plain],
    [text, string],
    [text, text],
  ]) {
    const answer = [type!, Buffer.from('für', 'latin1')] as const;
    const { read } = ownerOf({ [targets]: [atom, atoms(target!)], [target!]: answer });
    assert.deepEqual((await read())?.content, wanted);
  }
  const compound = ownerOf({ [targets]: [atom, atoms(text)], [text]: [997, Buffer.from('\x1b%G')] });
  assert.equal(await compound.read(), undefined);
});

test('a picture for which there is no room beside the text is left out and reported, and the text is not lost', async () => {
  const { targets, atom, utf8, png } = ATOMS;
  const { read } = ownerOf({
    [targets]: [atom, atoms(utf8, png)],
    [utf8]: [utf8, Buffer.from('text')],
    [png]: [png, Buffer.concat([PNG, Buffer.alloc(MAX_CONTENT_BYTES - PNG.length)])],
  });
  const found = await read();
  assert.deepEqual([found?.content, found?.tooLarge], [[['text', 'text']], ['png']]);
});

test('an owner that sends small pieces for ever is left after the time for a whole reading', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const owner = new EndlessOwner(1);
  const reading = readFrom(owner);
  let isOver = false;
  void reading.then(() => {
    isOver = true;
  });
  for (let ms = 0; ms < READING_TIMEOUT_MS; ms += 100) {
    await turns(20);
    assert.equal(isOver, false);
    t.mock.timers.tick(100);
  }
  assert.equal(await reading, undefined);
  const { deletions } = owner;
  await turns(100);
  assert.ok(owner.deletions <= deletions + 1, 'asks for no more pieces');
});

test('a reading that is aborted ends at once without a text', async () => {
  const owner = new EndlessOwner(1);
  owner.isSending = false;
  const reading = readFrom(owner);
  await turns(20);
  owner.reading!.abort();
  assert.equal(await reading, undefined);
});
