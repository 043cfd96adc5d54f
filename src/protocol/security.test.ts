import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteQueue } from './byte-queue.ts';
import { RfbError } from './errors.ts';
import { SecurityHandshake, type SecurityOffer, type SecurityStep } from './security.ts';
import { concat, hex } from './split.test-support.ts';

const CHALLENGE = Uint8Array.from({ length: 16 }, (_, i) => i);
const OVER_TLS: SecurityOffer = { plain: 'over TLS', challenge: undefined };
const BARE: SecurityOffer = { plain: 'bare', challenge: undefined };
const WITH_VNC: SecurityOffer = { plain: 'over TLS', challenge: CHALLENGE };
const VERSION_8 = "'RFB 003.008' 0a";
const CREDENTIALS = "00000003 00000002 'ada' 'pw'";
const TO_CHECK: SecurityStep = { kind: 'plain', name: 'ada', password: 'pw' };

/** Returns what the server sends, and the steps other than waiting, when the bytes come in these portions. */
function play(
  offer: SecurityOffer,
  portions: Iterable<Uint8Array>,
): { sent: Uint8Array; steps: SecurityStep[] } {
  const handshake = new SecurityHandshake(offer);
  const queue = new ByteQueue();
  const sent: Uint8Array[] = [];
  const steps: SecurityStep[] = [];
  for (const portion of portions) {
    queue.push(portion);
    for (;;) {
      const { send, step } = handshake.advance(queue);
      sent.push(...send);
      if (step.kind === 'more') break;
      steps.push(step);
    }
  }
  return { sent: concat(...sent), steps };
}

const CONVERSATIONS: readonly (readonly [
  what: string,
  offer: SecurityOffer,
  viewer: string,
  server: string,
  steps: SecurityStep[],
])[] = [
  [
    'X509Plain',
    OVER_TLS,
    `${VERSION_8} 13 0002 00000106 ${CREDENTIALS}`,
    '01 13 0002 00 01 00000106 01',
    [{ kind: 'startTls' }, TO_CHECK],
  ],
  [
    'Plain at the Unix socket',
    BARE,
    `${VERSION_8} 13 0002 00000100 ${CREDENTIALS}`,
    '01 13 0002 00 01 00000100',
    [TO_CHECK],
  ],
  [
    'VNC authentication in RFB 3.8',
    WITH_VNC,
    `${VERSION_8} 02 ${'aa'.repeat(16)}`,
    `02 13 02 ${Buffer.from(CHALLENGE).toString('hex')}`,
    [{ kind: 'vnc', response: new Uint8Array(16).fill(0xaa) }],
  ],
  [
    'VNC authentication in RFB 3.3',
    WITH_VNC,
    `'RFB 003.003' 0a ${'aa'.repeat(16)}`,
    `00000002 ${Buffer.from(CHALLENGE).toString('hex')}`,
    [{ kind: 'vnc', response: new Uint8Array(16).fill(0xaa) }],
  ],
];

for (const [what, offer, viewer, server, steps] of CONVERSATIONS) {
  test(`the security handshake of ${what} is the same however its bytes arrive`, () => {
    const bytes = hex(viewer);
    const whole = play(offer, [bytes]);
    assert.deepEqual(whole.sent, hex(server));
    assert.deepEqual(
      whole.steps.map((step) => ({ ...step })),
      steps,
    );
    assert.deepEqual(
      play(
        offer,
        [...bytes].map((byte) => Uint8Array.of(byte)),
      ),
      whole,
    );
    for (let at = 0; at <= bytes.length; at++) {
      assert.deepEqual(play(offer, [bytes.subarray(0, at), bytes.subarray(at)]), whole);
    }
  });
}

test('a viewer of RFB 3.3 is told that it lacks VeNCrypt, if there is no VNC password', () => {
  const { sent, steps } = play(OVER_TLS, [hex("'RFB 003.003' 0a")]);
  assert.deepEqual([...sent.subarray(0, 4)], [0, 0, 0, 0]);
  assert.match(Buffer.from(sent.subarray(8)).toString(), /VeNCrypt.*--vnc-password-file/);
  assert.deepEqual(
    steps.map(({ kind }) => kind),
    ['unsupported'],
  );
});

test('a viewer with another version of VeNCrypt is refused', () => {
  const { sent, steps } = play(OVER_TLS, [hex(`${VERSION_8} 13 0001`)]);
  assert.deepEqual(sent, hex('01 13 0002 01'));
  assert.equal(steps[0]?.kind, 'unsupported');
});

const MALFORMED: readonly (readonly [what: string, viewer: string, code: string])[] = [
  ['HTTP instead of RFB', "'GET / HTTP/1.1' 0d 0a", 'RFB_BAD_VERSION'],
  ['a security type that was not offered', `${VERSION_8} 01`, 'RFB_BAD_SECURITY_TYPE'],
  ['VNC authentication that was not offered', `${VERSION_8} 02`, 'RFB_BAD_SECURITY_TYPE'],
  ['Plain where TLS is demanded', `${VERSION_8} 13 0002 00000100`, 'RFB_BAD_SECURITY_TYPE'],
  ['a name that is too long', `${VERSION_8} 13 0002 00000106 00000401 00000001`, 'RFB_MESSAGE_TOO_LARGE'],
  ['a password that is too long', `${VERSION_8} 13 0002 00000106 00000001 ffffffff`, 'RFB_MESSAGE_TOO_LARGE'],
];

for (const [what, viewer, code] of MALFORMED) {
  test(`the security handshake refuses ${what} with ${code}`, () => {
    assert.throws(
      () => play(OVER_TLS, [hex(viewer)]),
      (error) => error instanceof RfbError && error.code === code,
    );
  });
}

test('a refusal has its reason in RFB 3.8, and only its number before', () => {
  const refusal = (version: string): Uint8Array => {
    const handshake = new SecurityHandshake(OVER_TLS);
    const queue = new ByteQueue();
    queue.push(hex(version));
    handshake.advance(queue);
    return handshake.refused('No.');
  };
  assert.deepEqual(refusal(VERSION_8), hex("00000001 00000003 'No.'"));
  assert.deepEqual(refusal("'RFB 003.007' 0a"), hex('00000001'));
  assert.deepEqual(new SecurityHandshake(OVER_TLS).accepted(), hex('00000000'));
});
