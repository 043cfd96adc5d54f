import { ByteQueue } from '../../../src/protocol/byte-queue.ts';
import { RfbError } from '../../../src/protocol/errors.ts';
import { ClientHandshake, ServerHandshake } from '../../../src/protocol/handshake.ts';
import { joinBytes } from '../../../src/protocol/join-bytes.ts';
import { SERVER_PIXEL_FORMAT, writePixelFormat } from '../../../src/protocol/pixel-format.ts';
import { encodeLatin1 } from '../../../src/protocol/text.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { maybeMutated, portions, randomBytes } from '../mutate.ts';

const VERSIONS = ['3.003', '3.007', '3.008', '3.889', '4.001'].map((version) =>
  encodeLatin1(`RFB 00${version}\n`),
);
const DESKTOP = { width: 640, height: 480, name: 'fuzz' };
/** Bit of an input's first byte: the rest is what a server says to a viewer. */
const TO_VIEWER = 0x01;
/** ServerInit of a desktop with the name "fuzz". */
const SERVER_INIT = joinBytes([
  Uint8Array.of(2, 128, 1, 224),
  writePixelFormat(SERVER_PIXEL_FORMAT),
  Uint8Array.of(0, 0, 0, 4),
  encodeLatin1('fuzz'),
]);
const CHOICES = [Uint8Array.of(1, 1), Uint8Array.of(2, 16, 1), Uint8Array.of(0), Uint8Array.of(0, 0, 0, 1)];
const RESULTS = [Uint8Array.of(0, 0, 0, 0), Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 2, 65, 66), new Uint8Array(0)];

/** Returns how the handshake ends: its last step's answer, or the code of its refusal. */
function shake(isViewer: boolean, parts: Iterable<Uint8Array>): string {
  const queue = new ByteQueue();
  const handshake = isViewer ? new ClientHandshake() : new ServerHandshake(() => DESKTOP);
  let sentBytes = 0;
  try {
    for (const part of parts) {
      queue.push(part);
      const { send, done } = handshake.advance(queue);
      for (const bytes of send) sentBytes += bytes.length;
      // Bytes behind the handshake are no business of it.
      if (done) return `done after ${sentBytes}`;
    }
  } catch (error) {
    if (!(error instanceof RfbError)) throw error;
    return error.code;
  }
  return `waits after ${sentBytes}`;
}

/** Both sides of the RFB handshake. */
export const handshakes: FuzzTarget = {
  name: 'handshakes',
  cases: 100_000,
  reaches: [
    'viewer: done',
    'viewer: waits',
    'viewer: refused',
    'server: done',
    'server: waits',
    'server: refused',
  ],
  make(dice) {
    const version = dice.pick(VERSIONS);
    const said = dice.chance(0.5)
      ? { how: TO_VIEWER, parts: [version, dice.pick(CHOICES), dice.pick(RESULTS), SERVER_INIT] }
      : { how: 0, parts: [version, Uint8Array.of(1, 1)] };
    const how = (dice.integer(0, 127) << 1) | said.how;
    const extra = dice.chance(0.2) ? randomBytes(dice, dice.integer(1, 30)) : new Uint8Array(0);
    return joinBytes([Uint8Array.of(how), maybeMutated(joinBytes([...said.parts, extra]), dice)]);
  },
  run(input, reached) {
    const [how = 0] = input;
    const stream = input.subarray(1);
    const isViewer = (how & TO_VIEWER) !== 0;
    const whole = shake(isViewer, [stream]);
    const inPortions = shake(isViewer, portions(stream, how));
    if (whole !== inPortions) throw new Error(`Whole: ${whole}. In portions: ${inPortions}.`);
    const [end] = /^(done|waits)/.exec(whole) ?? ['refused'];
    reached(`${isViewer ? 'viewer' : 'server'}: ${end}`);
  },
};
