import type { Static, TArray, TObject } from 'typebox';
import type { EntryProblem } from '../../http/problems/errors.ts';
import { type ApiErrorCode, apiProblem } from './errors.ts';
import { type FieldSchema, findMismatch } from './field-mismatch.ts';
import { parseJson } from './json-body.ts';
import { shown } from './parameters.ts';

interface Refusal {
  readonly code: ApiErrorCode;
  readonly detail: string;
}

/**
 * Parses the body of a bulk call: a JSON list of objects that have only the fields of `schema`. The error has the first
 * fault of each invalid entry. It never has a value in it, because that may be a password.
 */
export function parseBulkBody<T extends TArray>(schema: T, bytes: Uint8Array | undefined): Static<T> {
  const list = parseJson(bytes);
  if (!Array.isArray(list)) throw apiProblem('API_BODY_NOT_LIST', 'The body must be a JSON list of objects.');
  const { maxItems = Infinity } = schema as { readonly maxItems?: number };
  if (list.length > maxItems) {
    throw apiProblem(
      'API_TOO_MANY_USERS',
      `The list has ${list.length} entries; a call takes at most ${maxItems}.`,
    );
  }
  const entrySchema = schema.items as TObject;
  const errors: EntryProblem[] = [];
  for (const [index, entry] of list.entries()) {
    const refusal = refusalOf(entrySchema, entry);
    if (refusal !== undefined) errors.push({ index, user: userOf(entry), ...refusal });
  }
  const [first] = errors;
  if (first !== undefined) {
    const detail = `Entry ${first.index}: ${first.detail}`;
    throw apiProblem(errors.length === 1 ? (first.code as ApiErrorCode) : 'API_ENTRIES_INVALID', detail, {
      errors,
    });
  }
  return list as Static<T>;
}

function refusalOf(schema: TObject, entry: unknown): Refusal | undefined {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    return { code: 'API_FIELD_INVALID', detail: 'an entry must be an object' };
  }
  for (const [name, value] of Object.entries(entry)) {
    const field = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    if (field === undefined) return { code: 'API_FIELD_UNKNOWN', detail: `there is no field ${shown(name)}` };
    const { type } = field as FieldSchema;
    if (type === 'array') {
      const expected = findMismatch(field as FieldSchema, value);
      if (expected !== undefined)
        return { code: 'API_FIELD_INVALID', detail: `${shown(name)} must be ${expected}` };
    } else if (typeof value !== type)
      return { code: 'API_FIELD_INVALID', detail: `${shown(name)} must be a ${type}` };
  }
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(entry, name))
      return { code: 'API_FIELD_MISSING', detail: `${shown(name)} is missing` };
  }
  return undefined;
}

function userOf(entry: unknown): string | undefined {
  const user = typeof entry === 'object' && entry !== null ? (entry as { user?: unknown }).user : undefined;
  return typeof user === 'string' ? user : undefined;
}
