import { type Call, DONE } from '../../src/api/contract/call.ts';
import { operationId } from '../../src/api/contract/openapi.ts';
import { isRequired } from '../../src/api/contract/parameters.ts';
import { limitOf } from '../../src/api/contract/routes.ts';
import type { CallShape } from '../../src/sdk/request.ts';
import { commentText, type Schema, typeText } from './type-text.ts';

const EVENT_STREAM = 'text/event-stream';

/** Content of a body that is sent as it is. */
const CONTENT = 'string | Uint8Array | Blob';

/**
 * Writes the module `index.ts` of the client library: a method for each call, with the types of what it takes and
 * answers, and the codes of all errors.
 */
export function clientText(version: string, calls: readonly Call[], errorCodes: readonly string[]): string {
  const methods = calls.map(methodOf);
  const shapes = calls.map((call) => `  ${operationId(call)}: ${JSON.stringify(shapeOf(call))},`);
  return `// Made by scripts/build-sdk.ts from the calls of Deskwire ${version}.
import { createClient } from './client.ts';
import { type DeskwireError, hasCode as hasOneOf } from './errors.ts';
import type { ReceivedEvent } from './event.ts';
import type { CallOptions, ConnectOptions, EventOptions } from './options.ts';

export { DeskwireError, type EntryError } from './errors.ts';
export type { CallOptions, ConnectOptions, EventOptions, Fetch } from './options.ts';
export type { ReceivedEvent };

/** The calls of a server. */
export interface Deskwire {
${methods.map(({ text }) => text).join('\n')}}

${methods.map(({ types }) => types).join('')}/** Every code of an error. docs/errors.md says what each means. */
export type ErrorCode =
${errorCodes.map((code) => `  | '${code}'`).join('\n')};

const CALLS = {
${shapes.join('\n')}
} as const;

/** Makes a client. It opens no connection before the first call. */
export function connect(options: ConnectOptions): Deskwire {
  return createClient(CALLS, options) as Deskwire;
}

/** Whether an error is a \`DeskwireError\` with one of these codes. */
export function hasCode(error: unknown, ...codes: readonly ErrorCode[]): error is DeskwireError {
  return hasOneOf(error, ...codes);
}
`;
}

/** What the client has to know of a call when it runs. */
export function shapeOf(call: Call): CallShape {
  const { method, path, changes } = call;
  const types = typesOf(call);
  return {
    ...{ method, path: `api${path}`, takes: takesOf(call), types },
    ...(call.answers === DONE && { gives: 'nothing' }),
    ...(types.includes(EVENT_STREAM) && { gives: 'events' }),
    ...{ changes, limitMs: limitOf(call) },
  };
}

function takesOf({ place, parameters, body, content }: Call): CallShape['takes'] {
  if (content !== undefined) return 'content';
  if (body !== undefined) return 'items' in body ? 'list' : 'object';
  const names = [...Object.keys(parameters.properties), ...Object.keys(place?.properties ?? {})];
  return names.length > 0 ? 'query' : undefined;
}

/** Content types of the answers that have a body. */
const typesOf = ({ answers }: Call): string[] =>
  Object.values(answers).flatMap(({ content = {} }) => Object.keys(content));

/** The declaration of a method, and of the types that it names. */
function methodOf(call: Call): { readonly text: string; readonly types: string } {
  const name = operationId(call);
  const typeName = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const takes = takesOf(call);
  const input = inputOf(call);
  const answer = answerText(call, `${typeName}Answer`);
  const options = typesOf(call).includes(EVENT_STREAM) ? 'EventOptions' : 'CallOptions';
  const isOptional = (input.required ?? []).length === 0 && takes !== 'list' && takes !== 'content';
  const given = takes === undefined ? '' : `input${isOptional ? '?' : ''}: ${typeName}Input, `;
  const comment = `${call.summary}.\n${call.description === undefined ? '' : `\n${call.description}\n`}
\`${call.method} /api${call.path}\`, scope \`${call.scope}\`.`;
  return {
    text: `${commentText(comment, '  ')}  ${name}(${given}options?: ${options}): ${answer.text};\n`,
    types:
      (takes === undefined ? '' : `export type ${typeName}Input = ${inputText(input, takes)};\n\n`) +
      answer.type,
  };
}

/** What a method takes, as one schema. Throws if a call has the same name in two places. */
function inputOf({ place, parameters, body }: Call): Schema {
  if (body !== undefined && 'items' in body) return body as Schema;
  const parts = [place, parameters, body].map((part) => (part ?? {}) as Schema);
  const names = parts.flatMap(({ properties = {} }) => Object.keys(properties));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`a call has ${twice} in two places`);
  return {
    type: 'object',
    properties: Object.assign({}, ...parts.map(({ properties }) => properties)),
    required: [
      ...(parts[0]?.required ?? []),
      ...Object.keys(parameters.properties).filter((name) => isRequired(parameters, name)),
      ...(parts[2]?.required ?? []),
    ],
  };
}

function inputText(input: Schema, takes: CallShape['takes']): string {
  const text = typeText(input);
  return takes === 'content' ? `${text} & { readonly content: ${CONTENT} }` : text;
}

/** What a method answers, with the declaration of its type if it has one of its own. */
function answerText(call: Call, typeName: string): { readonly text: string; readonly type: string } {
  const types = typesOf(call);
  if (types.includes(EVENT_STREAM))
    return { text: 'AsyncGenerator<ReceivedEvent, void, undefined>', type: '' };
  if (call.answers === DONE) return { text: 'Promise<void>', type: '' };
  const bodies = Object.values(call.answers).flatMap(({ content = {} }) => Object.entries(content));
  const kinds = new Set<string>();
  let type = '';
  for (const [mediaType, schema] of bodies) {
    if (mediaType === 'application/json') {
      kinds.add(typeName);
      type = `export type ${typeName} = ${typeText(schema as Schema)};\n\n`;
    } else kinds.add(mediaType.startsWith('text/') ? 'string' : 'Uint8Array');
  }
  if ('204' in call.answers) kinds.add('undefined');
  return { text: `Promise<${[...kinds].join(' | ')}>`, type };
}
