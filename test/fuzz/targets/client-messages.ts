import { isDeepStrictEqual } from 'node:util';
import type { Dice } from '../../../bench/scenes/dice.ts';
import { type ClientMessage, ClientMessageReader } from '../../../src/protocol/client-messages.ts';
import {
  CLIENT_BINARY_CLIPBOARD,
  CLIENT_CUT_TEXT,
  PORTION_IS_FIRST,
  PORTION_IS_LAST,
  PSEUDO_EXTENDED_MOUSE_BUTTONS,
  PSEUDO_PORTIONS,
} from '../../../src/protocol/constants.ts';
import type { Dialect } from '../../../src/protocol/dialect.ts';
import { RfbError } from '../../../src/protocol/errors.ts';
import { joinBytes } from '../../../src/protocol/join-bytes.ts';
import { portionHeader } from '../../../src/protocol/server-messages.ts';
import { parseEncodings } from '../../../src/protocol/settings-from-encodings.ts';
import { writeClientMessage } from '../../../src/protocol/write-client-message.ts';
import { MALFORMED_MESSAGES, MESSAGE_FORMS } from '../../support/message-forms.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { maybeMutated, portions, randomBytes } from '../mutate.ts';
import { leavesStandard, MESSAGE_TYPES, randomMessage } from '../random-messages.ts';

/** Longest message that a case is made of. The forms also have messages of many MiB. */
const MOST_MESSAGE_BYTES = 600;

/** Bits of an input's first byte, which is about how the rest is read. */
const SKIPS_CONTENTS = 0x01;

/** First bytes of a conversation by its dialect: KasmVNC's message 184, or a list with ExtendedMouseButtons. */
export const OPENINGS: Readonly<Record<Dialect, readonly Uint8Array[]>> = {
  standard: [],
  extended: [
    writeClientMessage({ type: 'setEncodings', encodings: [PSEUDO_EXTENDED_MOUSE_BUTTONS] }, 'standard'),
  ],
  kasm: [Uint8Array.of(184, 0)],
};

const PORTIONS_LIST = writeClientMessage({ type: 'setEncodings', encodings: [PSEUDO_PORTIONS] }, 'standard');

/** Cuts a clipboard, and seldom another message, into portions with other messages between them. */
function maybeInPortions(message: Uint8Array, dice: Dice, dialect: Dialect): Uint8Array {
  const isClipboard = message[0] === CLIENT_CUT_TEXT || message[0] === CLIENT_BINARY_CLIPBOARD;
  if (!dice.chance(isClipboard ? 0.8 : 0.02)) return message;
  const parts: Uint8Array[] = [];
  for (let at = 0; at < message.length; ) {
    const part = message.subarray(at, at + dice.integer(0, message.length));
    const isLast = at + part.length === message.length && !dice.chance(0.02);
    const flags = (at === 0 ? PORTION_IS_FIRST : 0) | (isLast ? PORTION_IS_LAST : 0);
    parts.push(portionHeader(flags, part.length), part);
    if (dice.chance(0.3)) parts.push(viewerMessage(dice, dialect));
    at += part.length;
  }
  return joinBytes(parts);
}

/** A conversation's messages, and the code with which it ended. */
interface Conversation {
  readonly messages: readonly ClientMessage[];
  readonly code: string | undefined;
  readonly dialect: Dialect;
  readonly hasKeptPortions: boolean;
}

function read(parts: Iterable<Uint8Array>, usesContents: boolean): Conversation {
  const reader = new ClientMessageReader(undefined, () => usesContents);
  const messages: ClientMessage[] = [];
  let hasKeptPortions = false;
  try {
    for (const part of parts) {
      reader.push(part);
      for (let message = reader.next(); message; message = reader.next()) {
        if (message.type === 'setEncodings') parseEncodings(message.encodings);
        messages.push(message);
        hasKeptPortions ||= reader.keepsPortions;
      }
    }
    return { messages, code: undefined, dialect: reader.dialect, hasKeptPortions };
  } catch (error) {
    if (!(error instanceof RfbError)) throw error;
    return { messages, code: error.code, dialect: reader.dialect, hasKeptPortions };
  }
}

function formsIn(dialect: Dialect): Uint8Array[] {
  return Object.values(MESSAGE_FORMS)
    .flat()
    .filter((message: ClientMessage) => dialect === 'kasm' || !leavesStandard(message))
    .map((message) => writeClientMessage(message, dialect))
    .filter(({ length }) => length <= MOST_MESSAGE_BYTES);
}

let forms: Readonly<Record<Dialect, readonly Uint8Array[]>> | undefined;

/** Makes a message of a viewer in one dialect, which keeps that dialect. */
export function viewerMessage(dice: Dice, dialect: Dialect): Uint8Array {
  forms ??= { standard: formsIn('standard'), extended: formsIn('extended'), kasm: formsIn('kasm') };
  return dice.chance(0.3)
    ? dice.pick(forms[dialect])
    : writeClientMessage(randomMessage(dice, dialect), dialect);
}

/** Makes bytes that are no message. */
export const noMessage = (dice: Dice): Uint8Array =>
  dice.chance(0.4) ? Uint8Array.from(dice.pick(MALFORMED_MESSAGES)) : randomBytes(dice, dice.integer(1, 40));

/** The reader of viewers' messages, in both dialects, in any portions, and with contents that are skipped. */
export const clientMessages: FuzzTarget = {
  name: 'client-messages',
  cases: 250_000,
  reaches: [...MESSAGE_TYPES, 'extended pointer', 'kasm pointer', 'refused', 'whole', 'portions'],
  make(dice) {
    const dialect = dice.pick<Dialect>(['standard', 'extended', 'kasm']);
    const hasPortions = dice.chance(0.3);
    const message = (): Uint8Array => {
      const bytes = viewerMessage(dice, dialect);
      return hasPortions ? maybeInPortions(bytes, dice, dialect) : bytes;
    };
    const stream = joinBytes([
      ...OPENINGS[dialect],
      ...(hasPortions ? [PORTIONS_LIST] : []),
      ...Array.from({ length: dice.integer(1, 5) }, () => (dice.chance(0.05) ? noMessage(dice) : message())),
    ]);
    return joinBytes([randomBytes(dice, 1), maybeMutated(stream, dice)]);
  },
  run(input, reached) {
    const [how = 0] = input;
    const stream = input.subarray(1);
    const usesContents = (how & SKIPS_CONTENTS) === 0;
    const whole = read([stream], usesContents);
    const inPortions = read(portions(stream, how), usesContents);
    if (!isDeepStrictEqual(whole, inPortions)) throw new Error('The portions changed what was read.');
    if (whole.messages.length > stream.length) throw new Error('There are more messages than bytes.');
    reached(whole.code === undefined ? 'whole' : 'refused');
    if (whole.hasKeptPortions) reached('portions');
    for (const { type } of whole.messages) {
      reached(type);
      if (type === 'pointer') reached(`${whole.dialect} pointer`);
    }
  },
};
