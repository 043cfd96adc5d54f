import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventParser } from './event-parser.ts';

const STREAM =
  'retry: 1500\r\nid: a-1\nevent: hello\ndata: {"n":1}\n\n:\n\ndata:{"n":\rdata: 2}\r\r\ndata\n\nid: 9\n\n';
const EVENTS = ['{"n":1}', '{"n":\n2}', ''];

test('a stream of events gives the same events wherever it is divided', () => {
  for (let at = 0; at <= STREAM.length; at++) {
    for (const second of [at, Math.min(STREAM.length, at + 3)]) {
      const parser = new EventParser();
      const pieces = [STREAM.slice(0, at), STREAM.slice(at, second), STREAM.slice(second)];
      assert.deepEqual(
        pieces.flatMap((piece) => parser.push(piece)),
        EVENTS,
        JSON.stringify(pieces),
      );
      assert.equal(parser.retryMs, 1500);
    }
  }
});

test('a time to wait that is no number is not taken from a stream of events', () => {
  const parser = new EventParser();
  parser.push('retry: soon\nretry: -5\nretry: 12345678901\n\n');
  assert.equal(parser.retryMs, undefined);
});

test('an event that is too long is refused, as one line, as many lines and before its line ends', () => {
  const invalid = { code: 'SDK_ANSWER_INVALID' };
  const long = 'x'.repeat(256 * 1024);
  assert.throws(() => new EventParser().push(`data: ${long}\n\n`), invalid);
  assert.throws(() => new EventParser().push('data: 0123456789\n'.repeat(30_000)), invalid);
  const parser = new EventParser();
  assert.throws(() => {
    for (let i = 0; i < 300; i++) parser.push(long.slice(0, 1024));
  }, invalid);
});

test('events in any number may be shorter than the limit of one', () => {
  const parser = new EventParser();
  assert.equal(parser.push('data: 0123456789\n\n'.repeat(30_000)).length, 30_000);
});
