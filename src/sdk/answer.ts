import { DeskwireError, type EntryError, sdkError } from './errors.ts';
import type { CallShape } from './request.ts';

/**
 * Bytes of one answer, 64 MiB: a screen of 4K as PNG takes 33 at most. A larger limit lets a faulty proxy take more
 * memory; a smaller one refuses pictures.
 */
const MOST_ANSWER_BYTES = 64 * 1024 * 1024;

/** Bytes of a refusal. One with the faults of 1,000 entries has 200 KB. */
const MOST_REFUSAL_BYTES = 4 * 1024 * 1024;

/** Those with a body: done, made, and begun. */
const GOOD_STATUSES = [200, 201, 202];

/** Throws if the answer is a refusal, or none of the types of the call. */
export async function checkAnswer(response: Response, { types }: CallShape): Promise<void> {
  if (response.status === 204) return;
  if (!GOOD_STATUSES.includes(response.status)) throw await refusalOf(response);
  const type = typeOf(response);
  if (types.includes(type)) return;
  throw sdkError(
    'SDK_ANSWER_INVALID',
    `The answer has the type ${type || '(none)'}, not ${types.join(' or ')}.`,
    {
      status: response.status,
    },
  );
}

/** Reads a checked answer: JSON, a text, or bytes. Undefined if there is nothing to answer. */
export async function readAnswer(response: Response, { gives }: CallShape): Promise<unknown> {
  if (response.status === 204) return undefined;
  const bytes = await readBytes(response, MOST_ANSWER_BYTES);
  if (gives === 'nothing') return undefined;
  const type = typeOf(response);
  if (type === 'application/json') return parse(bytes, response.status);
  return type.startsWith('text/') ? textOf(bytes) : bytes;
}

/** Makes the error for an answer that refuses the call. */
async function refusalOf(response: Response): Promise<DeskwireError> {
  const { status } = response;
  const retryAfterMs = retryAfter(response.headers.get('retry-after'));
  if (typeOf(response) === 'application/problem+json') {
    const problem = parse(await readBytes(response, MOST_REFUSAL_BYTES), status) as Partial<Problem>;
    if (typeof problem?.code === 'string') {
      const { code, detail = code, errors = [] } = problem;
      return new DeskwireError(code, detail, { status, errors, retryAfterMs });
    }
  }
  const message = `The answer has status ${status}, and is none of Deskwire's. A proxy may have sent it.`;
  return sdkError('SDK_ANSWER_INVALID', message, { status, retryAfterMs });
}

interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly errors: readonly EntryError[];
}

const typeOf = (response: Response): string =>
  (response.headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase();

/** The server sends seconds, never a date. */
function retryAfter(header: string | null): number | undefined {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : undefined;
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function parse(bytes: Uint8Array, status: number): unknown {
  try {
    return JSON.parse(textOf(bytes));
  } catch (cause) {
    throw sdkError('SDK_ANSWER_INVALID', 'The answer is not JSON.', { cause, status });
  }
}

async function readBytes(response: Response, most: number): Promise<Uint8Array> {
  const reader = response.body?.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  while (reader !== undefined) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    parts.push(value);
    if (length <= most) continue;
    reader.cancel().catch(() => undefined);
    throw sdkError('SDK_ANSWER_INVALID', `The answer has more than ${most} bytes.`, {
      status: response.status,
    });
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
