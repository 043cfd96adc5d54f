import { createHmac } from 'node:crypto';

/** Headers of a delivery. docs/webhooks.md says how a receiver checks them. */
export const TIMESTAMP_HEADER = 'Deskwire-Timestamp';
export const SIGNATURE_HEADER = 'Deskwire-Signature';

/** HMAC-SHA256 over the timestamp, a dot and the body, so that neither can be replaced. */
export function signature(secret: string, timestamp: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}
