import type { Static, TObject, TSchema } from 'typebox';
import { apiProblem } from './errors.ts';

const INTEGER = /^-?\d{1,9}$/;
/** Characters of an unknown name that an error repeats. More make long errors, fewer cut off names. */
const MAX_NAME_SHOWN = 100;

/** The keywords of JSON Schema that parameters use. */
interface ParameterSchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
}

/**
 * Parses a query strictly. Percent-decodes it once, with `+` as a space. Throws a Problem for unknown and repeated
 * names, and for values that do not match the schema. Absent parameters get their default. Errors never have a value
 * in them, because it may be a password.
 */
export function parseParameters<T extends TObject>(schema: T, query: string): Static<T> {
  const values = new Map<string, unknown>();
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    const known = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    if (known === undefined)
      throw apiProblem('API_PARAMETER_UNKNOWN', `This call has no parameter ${shown(name)}.`);
    if (values.has(name))
      throw apiProblem('API_PARAMETER_REPEATED', `The parameter ${shown(name)} is given more than once.`);
    values.set(name, convert(name, decode(equals < 0 ? '' : pair.slice(equals + 1), name), known));
  }
  for (const [name, property] of Object.entries(schema.properties)) {
    if (values.has(name)) continue;
    if (isRequired(schema, name))
      throw apiProblem('API_PARAMETER_MISSING', `The parameter ${shown(name)} is missing.`);
    const { default: absent } = property as ParameterSchema;
    if (absent !== undefined) values.set(name, absent);
  }
  return Object.fromEntries(values) as Static<T>;
}

/** Whether a caller must give a parameter. Parameters with a default may be left out. */
export function isRequired(schema: TObject, name: string): boolean {
  const property = schema.properties[name] as ParameterSchema | undefined;
  return (schema.required ?? []).includes(name) && property?.default === undefined;
}

/** Formats a name of the caller's for an error. */
export function shown(name: string): string {
  return JSON.stringify(name.length > MAX_NAME_SHOWN ? `${name.slice(0, MAX_NAME_SHOWN)}…` : name);
}

function decode(text: string, name?: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    const where = name === undefined ? 'A name in the query' : `The value of ${shown(name)}`;
    throw apiProblem('API_QUERY_INVALID', `${where} is not percent-encoded UTF-8.`);
  }
}

function convert(name: string, text: string, schema: TSchema): unknown {
  const { type, enum: choices, minimum = -Infinity, maximum = Infinity } = schema as ParameterSchema;
  const invalid = (expected: string): Error =>
    apiProblem('API_PARAMETER_INVALID', `The parameter ${shown(name)} must be ${expected}.`);
  if (choices !== undefined) {
    if (!choices.includes(text)) throw invalid(`one of ${choices.join(', ')}`);
    return text;
  }
  switch (type) {
    case 'string':
      return text;
    case 'boolean': {
      const lower = text.toLowerCase();
      if (lower === 'true' || lower === '1') return true;
      if (lower === 'false' || lower === '0') return false;
      throw invalid('true, false, 1 or 0');
    }
    case 'integer': {
      const number = INTEGER.test(text) ? Number(text) : Number.NaN;
      if (number >= minimum && number <= maximum) return number;
      throw invalid(
        maximum === Infinity
          ? `a whole number from ${minimum} up`
          : `a whole number from ${minimum} to ${maximum}`,
      );
    }
    default:
      throw new Error(`parameter ${name} has a schema that queries cannot carry`);
  }
}
