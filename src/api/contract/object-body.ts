import type { Static, TObject, TSchema } from 'typebox';
import { type ApiErrorCode, apiProblem } from './errors.ts';
import { type FieldSchema, findMismatch } from './field-mismatch.ts';
import { parseJson } from './json-body.ts';
import { shown } from './parameters.ts';

/** The first fault of an object. */
export interface ObjectFault {
  readonly code: ApiErrorCode;
  readonly detail: string;
}

/**
 * Parses the body of a call as a JSON object that has only the fields of `schema`. Throws a Problem for the first
 * fault. It never has a value in it, because that may be a secret.
 */
export function parseObjectBody<T extends TObject>(schema: T, bytes: Uint8Array | undefined): Static<T> {
  const body = parseJson(bytes);
  const fault = objectFault(schema, body, 'body');
  if (fault !== undefined) throw apiProblem(fault.code, fault.detail);
  return body as Static<T>;
}

/** Finds what is wrong with a value that shall be an object. `what` names it in the detail. */
export function objectFault(
  schema: TObject,
  value: unknown,
  what: 'body' | 'entry',
): ObjectFault | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return what === 'body'
      ? { code: 'API_BODY_NOT_OBJECT', detail: 'The body is not a JSON object.' }
      : { code: 'API_FIELD_INVALID', detail: 'The entry must be an object.' };
  const properties = schema.properties as Readonly<Record<string, TSchema>>;
  for (const [name, content] of Object.entries(value)) {
    const field = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (field === undefined)
      return { code: 'API_FIELD_UNKNOWN', detail: `The ${what} has no field ${shown(name)}.` };
    const expected = findMismatch(field as FieldSchema, content);
    if (expected !== undefined)
      return { code: 'API_FIELD_INVALID', detail: `The field ${shown(name)} must be ${expected}.` };
  }
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name))
      return { code: 'API_FIELD_MISSING', detail: `The field ${shown(name)} is missing.` };
  }
  return undefined;
}
