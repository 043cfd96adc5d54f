import type { Static, TArray, TObject, TSchema } from 'typebox';
import type { User } from '../../accounts/user.ts';

/** What an answer consists of. Without a body there is none: 204 and 304. */
export interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Called once the whole answer has left for the caller, and never where it broke off. */
  readonly onSent?: () => void;
}

/** What a handler is told about a call. */
interface CallContext<Parameters extends TObject, Body extends TSchema> {
  /** The owner who calls. */
  readonly user: User;
  readonly parameters: Static<Parameters>;
  readonly body: Static<Body>;
  readonly ifNoneMatch: string | undefined;
  /** Whether only the headers of the answer are wanted. */
  readonly isHead: boolean;
  /** Aborts when the caller goes away before it has its answer. */
  readonly brokenOff: AbortSignal;
}

/** What the API document says about one possible answer. */
interface AnswerDescription {
  readonly description: string;
  /** Content types with the schema of each. */
  readonly content?: Readonly<Record<string, TSchema>>;
}

/** One call of the API: what it takes, what it answers, and how. Routes and the API document are made from these. */
export interface Call<Parameters extends TObject = TObject, Body extends TArray = TArray> {
  readonly method: 'GET' | 'POST';
  /** Below `/api`. */
  readonly path: `/${string}`;
  readonly summary: string;
  readonly description?: string;
  /** Whether it changes something: such a call takes no HEAD, and none from a foreign page. */
  readonly changes: boolean;
  readonly parameters: Parameters;
  readonly body?: Body;
  /** By status. Refusals are the same everywhere, and not listed. */
  readonly answers: Readonly<Record<number, AnswerDescription>>;
  handle(context: CallContext<Parameters, Body>): Promise<Answer> | Answer;
}

/** Gives a call the types of its own schemas, then forgets them, so that calls fit into one list. */
export function defineCall<Parameters extends TObject, Body extends TArray>(
  call: Call<Parameters, Body>,
): Call {
  return call as unknown as Call;
}

const DONE: Answer = { status: 200, type: 'text/plain; charset=utf-8', body: '200 OK' };

/** What every action answers. */
export const done = (): Answer => DONE;

export const json = (value: unknown): Answer => jsonText(JSON.stringify(value));

export const jsonText = (body: string): Answer => ({ status: 200, type: 'application/json', body });
