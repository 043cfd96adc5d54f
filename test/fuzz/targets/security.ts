import { ByteQueue } from '../../../src/protocol/byte-queue.ts';
import { RfbError } from '../../../src/protocol/errors.ts';
import { joinBytes } from '../../../src/protocol/join-bytes.ts';
import { SecurityHandshake } from '../../../src/protocol/security.ts';
import { encodeLatin1 } from '../../../src/protocol/text.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { maybeMutated, portions, randomBytes } from '../mutate.ts';

const VERSIONS = ['3.003', '3.007', '3.008', '3.889', '4.001'].map((version) =>
  encodeLatin1(`RFB 00${version}\n`),
);
/** Choices of a viewer: VNC authentication, and VeNCrypt with X509Plain or Plain. */
const CHOICES = [Uint8Array.of(2), Uint8Array.of(19, 0, 2, 0, 0, 1, 6), Uint8Array.of(19, 0, 2, 0, 0, 1, 0)];
const CREDENTIALS = [
  joinBytes([Uint8Array.of(0, 0, 0, 3, 0, 0, 0, 2), encodeLatin1('adapw')]),
  Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0),
  new Uint8Array(16),
];
/** Bits of an input's first byte. */
const IS_BARE = 0x01;
const HAS_CHALLENGE = 0x02;
const CHALLENGE = new Uint8Array(16).fill(7);

/** Returns all steps of the handshake, and what was sent. A step that is followed by TLS goes on without it. */
function shake(how: number, parts: Iterable<Uint8Array>): { said: string; steps: string[] } {
  const queue = new ByteQueue();
  const plain = how & IS_BARE ? 'bare' : 'over TLS';
  const handshake = new SecurityHandshake({ plain, challenge: how & HAS_CHALLENGE ? CHALLENGE : undefined });
  const steps: string[] = [];
  let sentBytes = 0;
  try {
    for (const part of parts) {
      queue.push(part);
      for (;;) {
        const { send, step } = handshake.advance(queue);
        for (const bytes of send) sentBytes += bytes.length;
        if (step.kind === 'more') break;
        steps.push(step.kind);
        if (steps.length > 3) throw new Error('The handshake has no end.');
      }
    }
  } catch (error) {
    if (!(error instanceof RfbError)) throw error;
    steps.push('refused');
    return { said: error.code, steps };
  }
  return { said: `${sentBytes} bytes, ${queue.length} left`, steps };
}

/** The server's side of the security handshake at the RFB port, before anyone has logged in. */
export const security: FuzzTarget = {
  name: 'security',
  cases: 100_000,
  reaches: ['startTls', 'plain', 'vnc', 'unsupported', 'refused'],
  make(dice) {
    const parts = [dice.pick(VERSIONS), dice.pick(CHOICES), dice.pick(CREDENTIALS)];
    const extra = dice.chance(0.2) ? randomBytes(dice, dice.integer(1, 30)) : new Uint8Array(0);
    const how = Uint8Array.of(dice.integer(0, 255));
    return joinBytes([how, maybeMutated(joinBytes([...parts, extra]), dice)]);
  },
  run(input, reached) {
    const [how = 0] = input;
    const stream = input.subarray(1);
    const whole = shake(how, [stream]);
    const inPortions = shake(how, portions(stream, how));
    if (whole.steps.join() !== inPortions.steps.join() || whole.said !== inPortions.said) {
      throw new Error(`Whole: ${JSON.stringify(whole)}. In portions: ${JSON.stringify(inPortions)}.`);
    }
    for (const step of whole.steps) reached(step);
  },
};
