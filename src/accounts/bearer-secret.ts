import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Kind of a secret: a token of the API, a ticket that logs a browser in, or the cookie of a page's session. */
type SecretKind = 'token' | 'ticket' | 'session';

/** Begins each secret, so that tools that look for leaked secrets know it. */
const PREFIXES = { token: 'dwt', ticket: 'dwk', session: 'dws' } as const satisfies Record<
  SecretKind,
  string
>;

/** Bytes of the id, which is not secret. With fewer, two tokens may get one id. */
const ID_BYTES = 8;

/** Bytes of the secret part. 256 random bits cannot be guessed; more make longer headers. */
const SECRET_BYTES = 32;

/** Only characters that may stand in a header, in a WebSocket sub-protocol and behind the `#` of a URL. */
const FORM = /^(dwt|dwk|dws)_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;

/** A secret that is given out once. */
interface NewSecret {
  readonly id: string;
  /** What the bearer sends, such as `dwt_0123456789abcdef_…`. */
  readonly text: string;
  /** What is kept of it. */
  readonly digest: string;
}

export function newSecret(kind: SecretKind): NewSecret {
  const id = randomBytes(ID_BYTES).toString('hex');
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  return { id, text: `${PREFIXES[kind]}_${id}_${secret}`, digest: digestOf(secret) };
}

/** Takes the text of a bearer apart. Undefined if it has not the form of this kind. */
export function parseSecret(
  kind: SecretKind,
  text: string,
): { readonly id: string; readonly secret: string } | undefined {
  const [, prefix, id = '', secret = ''] = FORM.exec(text) ?? [];
  return prefix === PREFIXES[kind] ? { id, secret } : undefined;
}

/**
 * The SHA-256 of a secret, in hex. A password needs a slow hash, because people choose passwords that can be guessed. A
 * secret of 256 random bits cannot be guessed from its digest by any number of tries, and it is checked at each call.
 */
export const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Whether a secret has this digest. Takes the same time wherever the first difference is. */
export function hasDigest(secret: string, digest: string): boolean {
  const [one, other] = [Buffer.from(digestOf(secret), 'hex'), Buffer.from(digest, 'hex')];
  return one.length === other.length && timingSafeEqual(one, other);
}
