import { apiProblem } from './errors.ts';
import { findJsonFault } from './json-syntax.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Parses a body as JSON. Throws the Problem `API_BODY_NOT_JSON`, with the place of the first fault. */
export function parseJson(bytes: Uint8Array | undefined): unknown {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw apiProblem('API_BODY_NOT_JSON', 'The body is not UTF-8.');
  }
  const fault = findJsonFault(text);
  if (fault === undefined) return JSON.parse(text);
  const { line, column, position, what } = fault;
  throw apiProblem('API_BODY_NOT_JSON', `Line ${line}, column ${column} (position ${position}): ${what}.`);
}
