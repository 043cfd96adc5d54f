import { sdkError } from './errors.ts';

/** A call, as the client needs it. The build makes these from the descriptions with which the server checks calls. */
export interface CallShape {
  readonly method: string;
  /** Path below the server's address, with placeholders such as `{id}`. */
  readonly path: string;
  /**
   * Where what the caller gives goes, apart from placeholders: into the query, or into a JSON object or list, or as
   * `content` into the body. Undefined: the call takes nothing.
   */
  readonly takes?: 'query' | 'object' | 'list' | 'content';
  /** Content types of its answers. */
  readonly types: readonly string[];
  /** `nothing`: the answer says only that the call has been carried out. */
  readonly gives?: 'nothing' | 'events';
  /** Whether it changes something. Such a call is never tried again. */
  readonly changes: boolean;
  /** Time that the server lets it take. */
  readonly limitMs: number;
}

/** What a call sends. */
export interface OutgoingCall {
  /** Relative to the server's address. */
  readonly target: string;
  readonly type?: string;
  readonly body?: string | Uint8Array | Blob;
}

/** Divides what the caller gives into path, query and body. Throws if a placeholder has no value. */
export function outgoingCall({ path, takes }: CallShape, input: unknown): OutgoingCall {
  if (takes === 'list') return { target: path, ...jsonBody(input) };
  const fields = new Map(Object.entries(input ?? {}).filter(([, value]) => value !== undefined));
  const target = path.replace(/\{(\w+)\}/g, (_all, name: string) => {
    const value = fields.get(name);
    if (typeof value !== 'string' || value === '')
      throw sdkError('SDK_OPTIONS_INVALID', `This call needs ${JSON.stringify(name)}, a text.`);
    fields.delete(name);
    return encodeURIComponent(value);
  });
  if (takes === 'object') return { target, ...jsonBody(Object.fromEntries(fields)) };
  const content = takes === 'content' ? fields.get('content') : undefined;
  if (takes === 'content') fields.delete('content');
  const query = new URLSearchParams(
    [...fields].map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  return {
    target: query === '' ? target : `${target}?${query}`,
    ...(content !== undefined && { body: content as string | Uint8Array | Blob }),
  };
}

const jsonBody = (value: unknown): { type: string; body: string } => {
  return { type: 'application/json', body: JSON.stringify(value ?? null) };
};
