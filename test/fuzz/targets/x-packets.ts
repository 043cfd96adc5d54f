import type { Dice } from '../../../bench/scenes/dice.ts';
import { DesktopError } from '../../../src/desktop/errors.ts';
import {
  damagedArea,
  damagedScreen,
  geometrySize,
  visitRegion,
} from '../../../src/desktop/x11/frame/frame-requests.ts';
import { kindOf, PacketInput, REPLY } from '../../../src/desktop/x11/wire/packet-input.ts';
import { parseSetup, SETUP_HEADER_BYTES, setupBytes } from '../../../src/desktop/x11/wire/setup.ts';
import { joinBytes } from '../../../src/protocol/join-bytes.ts';
import type { FuzzTarget, Reached } from '../fuzz-target.ts';
import { maybeMutated, portionLengths, randomBytes } from '../mutate.ts';

const PACKET_BYTES = 32;
const MEMORY_BYTES = 4096;
/** Bit of an input's first byte: the stream begins with the answer to the connection. */
const HAS_SETUP = 0x01;
const GENERIC_EVENT = 35;

function packet(dice: Dice): Uint8Array {
  const bytes = randomBytes(dice, PACKET_BYTES);
  bytes[0] = dice.pick([0, REPLY, REPLY, GENERIC_EVENT, 91, dice.integer(2, 255)]);
  if (bytes[0] !== REPLY && bytes[0] !== GENERIC_EVENT) return bytes;
  const words = dice.integer(0, 20);
  new DataView(bytes.buffer).setUint32(4, dice.chance(0.95) ? words : dice.integer(0, 0xffffffff), true);
  return joinBytes([bytes, randomBytes(dice, words * 4)]);
}

function setup(dice: Dice): Uint8Array {
  const words = dice.integer(0, 40);
  const bytes = randomBytes(dice, SETUP_HEADER_BYTES + words * 4);
  bytes[0] = dice.pick([0, 1, 1, 1, 2]);
  // Lengths of the parts before the screens.
  if (dice.chance(0.7) && words > 20) {
    new DataView(bytes.buffer).setUint16(24, dice.integer(0, 20), true);
    bytes[29] = dice.integer(0, 3);
  }
  new DataView(bytes.buffer).setUint16(6, words, true);
  return bytes;
}

/** Reads the setup. Returns whether all of it was there. */
function takeSetup(input: PacketInput, reached: Reached): boolean {
  const header = input.peek(SETUP_HEADER_BYTES);
  const answer = header && input.takeBytes(setupBytes(header));
  if (!answer) return false;
  try {
    parseSetup(answer, ':7');
    reached('setup');
  } catch (error) {
    // The connection takes a setup that ends before its fields for a refusal too.
    if (!(error instanceof DesktopError) && !(error instanceof RangeError)) throw error;
    reached('refused setup');
  }
  return true;
}

/** Takes the next packet. A packet that is too long is refused, and ends the connection. */
const take = (input: PacketInput): Buffer | 'refused' | undefined => {
  try {
    return input.take();
  } catch (error) {
    if (error instanceof DesktopError && error.code === 'DESKTOP_X_ERROR') return 'refused';
    throw error;
  }
};

/** Packets of an X server, on the connection that captures. */
export const xPackets: FuzzTarget = {
  name: 'x-packets',
  cases: 120_000,
  reaches: ['setup', 'refused setup', 'reply', 'event', 'region', 'packet that waits', 'refused packet'],
  make(dice) {
    const how = dice.integer(0, 255);
    const packets = Array.from({ length: dice.integer(0, 6) }, () => packet(dice));
    const stream = joinBytes([...(how & HAS_SETUP ? [setup(dice)] : []), ...packets]);
    return joinBytes([Uint8Array.of(how), maybeMutated(stream, dice)]);
  },
  run(input, reached) {
    const [how = 0] = input;
    const stream = input.subarray(1);
    const packets = new PacketInput(MEMORY_BYTES);
    const lengths = portionLengths(how);
    let needsSetup = (how & HAS_SETUP) !== 0;
    let takenBytes = 0;
    for (let at = 0; at < stream.length; ) {
      const room = packets.room();
      const part = stream.subarray(at, at + Math.min(lengths.next().value, room.length));
      if (part.length === 0) throw new Error('There is no room.');
      room.set(part);
      packets.filled(part.length);
      at += part.length;
      if (needsSetup) {
        needsSetup = !takeSetup(packets, reached);
        if (needsSetup) continue;
      }
      for (let taken = take(packets); taken; taken = take(packets)) {
        // The connection ends.
        if (taken === 'refused') return reached('refused packet');
        takenBytes += taken.length;
        if (taken.length < PACKET_BYTES) throw new Error('A packet is short.');
        if (kindOf(taken) === REPLY) {
          reached('reply');
          geometrySize(taken);
          if (taken.length % 8 === 0) visitRegion(taken, () => reached('region'));
        } else {
          reached('event');
          damagedArea(taken);
          damagedScreen(taken);
        }
      }
    }
    if (packets.peek(1)) reached('packet that waits');
    if (takenBytes > stream.length) throw new Error('More was taken than came.');
  },
};
