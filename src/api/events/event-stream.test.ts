import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventType } from '../../events/event.ts';
import { EventLog, MOST_KEPT } from '../../events/event-log.ts';
import { EventReaders, MOST_READERS } from './event-readers.ts';
import type { EventStream } from './event-stream.ts';

/** Events of one type that the log takes at once. */
const BURST = 2000;
/** Bytes that a stream may hold: what makes it stop taking events, and one piece of 64 events. */
const MOST_HELD_BYTES = 16 * 1024 + 64 * 400;

function flood(log: EventLog): void {
  for (let i = 0; i < BURST; i++) {
    log.publish({ type: 'desktop_lost', given_up: false });
    log.publish({ type: 'resized', width: i, height: i });
    for (const type of ['desktop_back', 'screen_changed', 'screen_settled'] as const) log.publish({ type });
  }
}

/** All that a stream has to say now. */
async function readAll(stream: EventStream): Promise<{ type: string; reason?: string; count?: number }[]> {
  let text = '';
  for (let quiet = 0; quiet < 5; ) {
    const bytes = stream.read() as Buffer | null;
    if (bytes) text += bytes.toString();
    quiet = bytes ? 0 : quiet + 1;
    await nextTurn();
  }
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, json]) => JSON.parse(json!));
}

test('a reader that does not read takes a bounded amount of memory, and is told how much it has missed', async () => {
  const log = new EventLog();
  const readers = new EventReaders(log);
  const stream = readers.open(undefined);
  flood(log);
  await nextTurn();
  assert.ok(stream.readableLength < MOST_HELD_BYTES, `${stream.readableLength} bytes`);
  const events = await readAll(stream);
  const missed = events.filter(({ type }) => type === 'missed');
  assert.equal(missed.length, 1);
  assert.equal(missed[0]!.reason, 'too_slow');
  // Without `hello` and `missed`.
  assert.equal(events.length - 2 + missed[0]!.count!, 5 * BURST);
  readers.close();
  log.close();
});

test('a reader that was away for too long is told how many events it has missed', async () => {
  const log = new EventLog();
  const readers = new EventReaders(log);
  log.publish({ type: 'desktop_back' });
  flood(log);
  const events = await readAll(readers.open(log.idOf(1)));
  assert.deepEqual([events[1]!.type, events[1]!.reason], ['missed', 'too_old']);
  assert.equal(events[1]!.count, log.next - 1 - 1 - MOST_KEPT);
  assert.equal(events.length, 2 + MOST_KEPT);
  readers.close();
  log.close();
});

test('readers that are quick and slow get the same events in the same order', async () => {
  const log = new EventLog();
  const readers = new EventReaders(log);
  const streams = Array.from({ length: 100 }, () => readers.open(undefined));
  const types: EventType[] = ['screen_changed', 'desktop_back', 'screen_settled'];
  const got = new Map<EventStream, string[]>(streams.map((stream) => [stream, []]));
  for (const [round, type] of [...types, ...types].entries()) {
    log.publish({ type } as { type: 'desktop_back' });
    for (const [index, stream] of streams.entries())
      if (index % 3 === 0 || round === 5)
        got.get(stream)!.push(...(await readAll(stream)).map((e) => e.type));
  }
  for (const list of got.values()) assert.deepEqual(list, ['hello', ...types, ...types]);
  readers.close();
  log.close();
});

test('more than MOST_READERS streams are refused, and a stream that ends makes room', async () => {
  const log = new EventLog();
  const readers = new EventReaders(log);
  const streams = Array.from({ length: MOST_READERS }, () => readers.open(undefined));
  assert.throws(() => readers.open(undefined), { code: 'API_TOO_MANY_READERS' });
  streams[0]!.destroy();
  await once(streams[0]!, 'close');
  readers.open(undefined);
  readers.close();
  assert.throws(() => readers.open(undefined), { code: 'API_CLOSING' });
  log.close();
});
