import { randomBytes } from 'node:crypto';

/** A part of an answer. `name` and `file` have neither quotes nor control characters. */
export interface Part {
  readonly name: string;
  readonly type: string;
  /** The name of a file; undefined for a text. */
  readonly file?: string;
  readonly bytes: Uint8Array;
}

/** Random bytes of a boundary. With 16, no part has it in it. */
const BOUNDARY_BYTES = 16;

/** Writes an answer of several parts (RFC 7578). `fetch` reads it by `formData()`. */
export function formData(parts: readonly Part[]): { readonly type: string; readonly body: Uint8Array } {
  const boundary = randomBytes(BOUNDARY_BYTES).toString('hex');
  const pieces = parts.flatMap(({ name, type, file, bytes }) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${
        file === undefined ? '' : `; filename="${file}"`
      }\r\nContent-Type: ${type}\r\n\r\n`,
    ),
    bytes,
    Buffer.from('\r\n'),
  ]);
  const body = Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]);
  return { type: `multipart/form-data; boundary=${boundary}`, body };
}
