/**
 * Headers of every answer, with or without a body, refusals included. The page's files replace the content policy by
 * `pagePolicy`. Strict-Transport-Security is not among them: browsers would apply it to every other port of the host,
 * and with a self-signed certificate to no effect.
 */
export const ANSWER_HEADERS = {
  /** Browsers must not guess another content type. */
  'X-Content-Type-Options': 'nosniff',
  /** Pages of other origins cannot embed an answer. */
  'Cross-Origin-Resource-Policy': 'same-origin',
  /** A page of another origin that opened ours in a window gets no handle to it. */
  'Cross-Origin-Opener-Policy': 'same-origin',
  /** Addresses, which may have a ticket or a user's name in them, do not reach other sites. */
  'Referrer-Policy': 'no-referrer',
  /** An answer that is opened as a document runs and loads nothing, and is shown in no frame. */
  'Content-Security-Policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
} as const;
