import type { Readable } from 'node:stream';
import type { Static, TArray, TObject, TSchema } from 'typebox';
import type { Pass } from '../../accounts/pass.ts';
import type { CallScope } from '../../accounts/scopes.ts';
import type { User } from '../../accounts/user.ts';
import type { OneOrList } from './one-or-list.ts';
import { Type } from './schema.ts';

/** The answer to a call. Answers with status 204 or 304 have no body. */
export interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body?: string | Uint8Array;
  /** In place of `body`, for an answer that goes on until the caller or the server ends it. */
  readonly stream?: Readable;
  readonly headers?: Readonly<Record<string, string>>;
  /** Runs when the whole answer has been sent to the caller. Does not run if the connection breaks before. */
  readonly onSent?: () => void;
}

/** Facts about a call, for its handler. */
export interface CallContext<
  Parameters extends TObject = TObject,
  Body extends TSchema = TArray,
  Place extends TObject = TObject,
> {
  /** The owner who calls. */
  readonly user: User;
  /** The token with which the owner calls. Undefined for a password. */
  readonly pass: Pass | undefined;
  /** The address that the call came from. */
  readonly address: string;
  /** Returns the server's address as the caller knows it, without a slash at the end. */
  baseUrl(): string;
  /** What stands in the path for its placeholders. */
  readonly place: Static<Place>;
  readonly parameters: Static<Parameters>;
  readonly body: Static<Body>;
  /** The body of a call that takes other content than JSON. */
  readonly bytes: Uint8Array;
  readonly ifNoneMatch: string | undefined;
  readonly lastEventId: string | undefined;
  /** Whether the caller wants only the headers of the answer. */
  readonly isHead: boolean;
  /**
   * Aborts when the caller goes away before it has its answer, when it loses the right to call, and at the call's time
   * limit.
   */
  readonly signal: AbortSignal;
}

/** The API document's description of one possible answer. */
interface AnswerDescription {
  readonly description: string;
  /** Schemas by content type. */
  readonly content?: Readonly<Record<string, TSchema>>;
}

/** The body of a call that takes other content than JSON. */
interface ContentDescription {
  /** Content types, for the API document. The call accepts any, because scripts often send that of a form. */
  readonly types: readonly string[];
  readonly maxBytes: number;
}

/** What a body may be: an object, a list of objects for a bulk call, or either. */
export type BodySchema = TArray | TObject | OneOrList;

/**
 * One call of the API: its parameters, its answers and its handler. Routes and the API document are made from these.
 */
export interface Call<
  Parameters extends TObject = TObject,
  Body extends BodySchema = TArray,
  Place extends TObject = TObject,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path below `/api`, with placeholders such as `{id}`. */
  readonly path: `/${string}`;
  /** The scope that a token needs for this call. */
  readonly scope: CallScope;
  /** Texts for the placeholders of the path. */
  readonly place?: Place;
  readonly summary: string;
  readonly description?: string;
  /** Whether the call changes something. Such a call is refused as HEAD, and from a page of another site. */
  readonly changes: boolean;
  readonly parameters: Parameters;
  readonly body?: Body;
  /** Whether the body may be left out: it is an empty list then. */
  readonly isBodyOptional?: boolean;
  readonly content?: ContentDescription;
  /** Answers by status. Refusals are left out, because all calls have the same. */
  readonly answers: Readonly<Record<number, AnswerDescription>>;
  /** Time limit of the handler. Default: DEFAULT_LIMIT_MS in routes.ts. */
  readonly limitMs?: number;
  handle(context: CallContext<Parameters, Body, Place>): Promise<Answer> | Answer;
}

/** Checks a call against the types of its own schemas, and returns it without them, so that calls fit into one list. */
export function defineCall<
  Parameters extends TObject,
  Body extends BodySchema = TArray,
  Place extends TObject = TObject,
>(call: Call<Parameters, Body, Place>): Call {
  return call as unknown as Call;
}

const OK: Answer = { status: 200, type: 'text/plain; charset=utf-8', body: '200 OK' };

/** The answer of every action. */
export const done = (): Answer => OK;

/** What a call that answers by `done` says of its answers. */
export const DONE = { 200: { description: '`200 OK`', content: { 'text/plain': Type.String() } } };

export const json = (value: unknown): Answer => jsonText(JSON.stringify(value));

export const jsonText = (body: string): Answer => ({ status: 200, type: 'application/json', body });
