/** Joins all parts into one buffer with its own memory, which can be transferred to another thread. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(lengthOf(parts));
  copyParts(parts, bytes, 0);
  return bytes;
}

/** Returns the number of bytes of all parts together. */
export const lengthOf = (parts: readonly Uint8Array[]): number =>
  parts.reduce((sum, part) => sum + part.length, 0);

/** Copies the parts into `target`, one after the other, from offset `at` on. */
export function copyParts(parts: readonly Uint8Array[], target: Uint8Array, at: number): void {
  for (const part of parts) {
    target.set(part, at);
    at += part.length;
  }
}
