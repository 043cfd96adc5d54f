import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OutgoingBytes, type SendHow } from './outgoing-bytes.ts';

test('everything else has its turn while a socket takes megabytes at once, of each kind of bytes', async () => {
  for (const how of ['joined', 'alone', 'lasting'] satisfies SendHow[]) {
    const written: Uint8Array[] = [];
    const outgoing = new OutgoingBytes(
      ({ frame, payloadBytes }, done) => {
        written.push(frame.slice(-payloadBytes));
        process.nextTick(done);
      },
      () => undefined,
    );
    const drained = new Promise<void>((resolve) => outgoing.onDrain(resolve));
    let turns = 0;
    let mostBytes = 0;
    let bytesBefore = 0;
    const turn = (): void => {
      const bytes = written.reduce((sum, { length }) => sum + length, 0);
      mostBytes = Math.max(mostBytes, bytes - bytesBefore);
      bytesBefore = bytes;
      turns++;
      if (outgoing.waitingBytes > 0) setImmediate(turn);
    };
    const sent = Buffer.alloc(4 << 20, Buffer.from([1, 2, 3]));
    outgoing.send(sent, how);
    setImmediate(turn);
    await drained;
    assert.ok(Buffer.concat(written).equals(sent), how);
    assert.ok(turns >= 10, `${how}: ${turns} turns`);
    assert.ok(mostBytes <= 384 * 1024, `${how}: ${mostBytes} bytes in a turn`);
  }
});
