import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { MOST_LOG_BYTES, readLog } from './read-log.ts';

test('the last whole lines of a log are read, and never more than the bytes that may be', async () => {
  const file = join(temporaryFolder('deskwire-log-'), 'log.jsonl');
  const read = (text: string, lines: number): Promise<string> => {
    writeFileSync(file, text);
    return readLog(file, lines);
  };
  assert.equal(await readLog(file, 5), '', 'no log yet');
  assert.equal(await read('', 5), '');
  assert.equal(await read('a\nb\nc\n', 2), 'b\nc\n');
  assert.equal(await read('a\nb\nunfinis', 5), 'a\nb\n');
  const line = `${'ä'.repeat(512)}\n`;
  const most = Math.floor(MOST_LOG_BYTES / Buffer.byteLength(line));
  const long = await read(line.repeat(most + 10), 10_000);
  assert.equal(long, line.repeat(most));
  assert.equal(await read('x'.repeat(MOST_LOG_BYTES + 1), 1), '', 'a line that is longer than all of it');
});
