import type { Property } from 'x11';
import type { XConnection } from '../wire/connection.ts';

const ANY_TYPE = 0;

/** Bytes of a target and its property. */
const PAIR_BYTES = 8;

/**
 * Targets in one request. Programs ask for two to ten. A larger value lets one request write more properties.
 */
const MOST_PAIRS = 64;

/** A form of a selection that a program wants, and the property in which it wants it. */
export interface TargetPair {
  readonly target: number;
  readonly property: number;
}

/**
 * Reads what a program wants by MULTIPLE (ICCCM 2.6.2) from its property. Undefined if that holds no pairs, or too many.
 * Rejects if the window is gone.
 */
export async function readTargetPairs(
  x: XConnection,
  { requestor, property }: { readonly requestor: number; readonly property: number },
): Promise<TargetPair[] | undefined> {
  const { format, data, bytesAfter } = await x.request<Property>((client, done) =>
    client.GetProperty(0, requestor, property, ANY_TYPE, 0, (MOST_PAIRS * PAIR_BYTES) / 4, done),
  );
  if (format !== 32 || bytesAfter > 0 || data.length === 0 || data.length % PAIR_BYTES !== 0)
    return undefined;
  return Array.from({ length: data.length / PAIR_BYTES }, (_, i) => ({
    target: data.readUInt32LE(i * PAIR_BYTES),
    property: data.readUInt32LE(i * PAIR_BYTES + 4),
  }));
}
