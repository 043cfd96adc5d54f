import { createHash } from 'node:crypto';
import type { BrowserIdentity } from '../../http/login/browser-identity.ts';

/** Bytes of the digest of a `User-Agent`, which may be long. */
const AGENT_BYTES = 16;

/** A browser as signed texts name it. */
export interface SignedBrowser {
  readonly address: string;
  /** Digest of `User-Agent`. */
  readonly agent: string;
}

export function signedBrowser({ address, agent }: BrowserIdentity): SignedBrowser {
  const digest = createHash('sha256').update(agent).digest().subarray(0, AGENT_BYTES);
  return { address, agent: digest.toString('base64url') };
}
