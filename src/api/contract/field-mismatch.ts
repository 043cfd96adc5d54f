import { shown } from './parameters.ts';

/** The keywords of JSON Schema that fields of bodies use. */
export interface FieldSchema {
  readonly type?: 'string' | 'integer' | 'boolean' | 'array' | 'object' | 'null';
  readonly anyOf?: readonly FieldSchema[];
  readonly enum?: readonly unknown[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: FieldSchema;
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  /** For an object with any names, whose values are all of one kind. */
  readonly patternProperties?: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
}

/** Says what a value should be. Undefined if it is that. */
export function findMismatch(schema: FieldSchema, value: unknown): string | undefined {
  const { type, enum: choices, anyOf, minimum = -Infinity, maximum = Infinity } = schema;
  if (anyOf !== undefined) {
    const wrong = anyOf.map((one) => findMismatch(one, value));
    return wrong.includes(undefined) ? undefined : wrong.join(' or ');
  }
  if (choices !== undefined) return choices.includes(value) ? undefined : `one of ${choices.join(', ')}`;
  switch (type) {
    case 'string': {
      const { minLength = 0, maxLength = Infinity } = schema;
      if (typeof value === 'string' && value.length >= minLength && value.length <= maxLength)
        return undefined;
      return maxLength === Infinity ? 'a text' : `a text of ${minLength} to ${maxLength} characters`;
    }
    case 'null':
      return value === null ? undefined : 'null';
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
    case 'object': {
      const { properties = {}, patternProperties, required = [] } = schema;
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'an object';
      const [anyValue] = Object.values(patternProperties ?? {});
      if (anyValue !== undefined) {
        const wrong = Object.values(value).map((one) => findMismatch(anyValue, one));
        const first = wrong.find((fault) => fault !== undefined);
        return first === undefined ? undefined : `an object with each value ${first}`;
      }
      const stranger = Object.keys(value).find((name) => !Object.hasOwn(properties, name));
      if (stranger !== undefined) return `an object without a field ${shown(stranger)}`;
      const missing = required.find((name) => !Object.hasOwn(value, name));
      if (missing !== undefined) return `an object with the field ${shown(missing)}`;
      for (const [name, field] of Object.entries(value)) {
        const wrong = findMismatch(properties[name]!, field);
        if (wrong !== undefined) return `an object whose field ${shown(name)} is ${wrong}`;
      }
      return undefined;
    }
    default:
      throw new Error('a field has a schema that bodies cannot carry');
  }
}
