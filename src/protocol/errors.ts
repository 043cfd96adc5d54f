/** The ways in which a peer can break the protocol. Match errors by code, not by message. */
export const RFB_ERRORS = {
  RFB_BAD_VERSION: 'The peer does not speak RFB 3.',
  RFB_BAD_SECURITY_TYPE: 'The peer wants a security type that was not offered.',
  RFB_REFUSED: 'The server refused the connection.',
  RFB_UNKNOWN_MESSAGE: 'The peer sent a message type that is not known here.',
  RFB_UNKNOWN_ENCODING: 'The server sent a rectangle in an encoding that is not known here.',
  RFB_MESSAGE_TOO_LARGE: 'The peer announced or sent more than the message may hold.',
  RFB_MALFORMED: 'The peer sent a message whose parts contradict each other.',
  RFB_COLOUR_MAP: 'Pixel formats with a colour map are not supported.',
  RFB_BAD_PIXEL_FORMAT: 'The pixel format is not 8, 16 or 32 bits of true colour.',
  RFB_NOT_READING: 'The peer does not read what it asked for.',
} as const;

export type RfbErrorCode = keyof typeof RFB_ERRORS;

/** The peer broke the protocol. The connection must end, because the next message's place in the stream is unknown. */
export class RfbError extends Error {
  override readonly name = 'RfbError';
  readonly code: RfbErrorCode;

  constructor(code: RfbErrorCode, detail?: string, options?: { cause?: unknown }) {
    super(detail ? `${RFB_ERRORS[code]} ${detail}` : RFB_ERRORS[code], options);
    this.code = code;
  }
}

/** Throws RFB_MESSAGE_TOO_LARGE if `what` has a length above the limit. */
export function checkLimit(what: string, length: number, limit: number): void {
  if (length > limit) throw new RfbError('RFB_MESSAGE_TOO_LARGE', `${what}: ${length}, at most ${limit}.`);
}
