import type { Static, TObject, TSchema } from 'typebox';
import { apiProblem } from './errors.ts';
import { type FieldSchema, findMismatch } from './field-mismatch.ts';
import { parseJson } from './json-body.ts';
import { shown } from './parameters.ts';

/**
 * Parses the body of a call as a JSON object that has only the fields of `schema`. Throws a Problem for the first fault.
 * It never has a value in it, because that may be a secret.
 */
export function parseObjectBody<T extends TObject>(schema: T, bytes: Uint8Array | undefined): Static<T> {
  const body = parseJson(bytes);
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw apiProblem('API_BODY_NOT_OBJECT');
  const properties = schema.properties as Readonly<Record<string, TSchema>>;
  for (const [name, value] of Object.entries(body)) {
    const field = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (field === undefined) throw apiProblem('API_FIELD_UNKNOWN', `The body has no field ${shown(name)}.`);
    const expected = findMismatch(field as FieldSchema, value);
    if (expected !== undefined)
      throw apiProblem('API_FIELD_INVALID', `The field ${shown(name)} must be ${expected}.`);
  }
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(body, name))
      throw apiProblem('API_FIELD_MISSING', `The field ${shown(name)} is missing.`);
  }
  return body as Static<T>;
}
