import type { Static, TObject, TSchema } from 'typebox';
import { apiProblem } from './errors.ts';
import { parseJson } from './json-body.ts';
import { shown } from './parameters.ts';

/** The keywords of JSON Schema that fields of bodies use. */
interface FieldSchema {
  readonly type?: 'string' | 'integer' | 'boolean' | 'array';
  readonly enum?: readonly unknown[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: FieldSchema;
}

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

/** Says what a value should be. Undefined if it is that. */
function findMismatch(schema: FieldSchema, value: unknown): string | undefined {
  const { type, enum: choices, minimum = -Infinity, maximum = Infinity } = schema;
  if (choices !== undefined) return choices.includes(value) ? undefined : `one of ${choices.join(', ')}`;
  switch (type) {
    case 'string': {
      const { minLength = 0, maxLength = Infinity } = schema;
      if (typeof value === 'string' && value.length >= minLength && value.length <= maxLength)
        return undefined;
      return maxLength === Infinity ? 'a text' : `a text of ${minLength} to ${maxLength} characters`;
    }
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'true or false';
    case 'integer':
      if (Number.isInteger(value) && (value as number) >= minimum && (value as number) <= maximum)
        return undefined;
      return maximum === Infinity
        ? `a whole number from ${minimum} up`
        : `a whole number from ${minimum} to ${maximum}`;
    case 'array': {
      const { minItems = 0, maxItems = Infinity, items = {} } = schema;
      const isFitting = Array.isArray(value) && value.length >= minItems && value.length <= maxItems;
      if (!isFitting) return `a list of ${minItems} to ${maxItems} entries`;
      const wrong = value.map((item) => findMismatch(items, item)).find((fault) => fault !== undefined);
      return wrong === undefined ? undefined : `a list with each entry ${wrong}`;
    }
    default:
      throw new Error('a field has a schema that bodies cannot carry');
  }
}
