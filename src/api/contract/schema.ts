import type { Type as TypeBox } from 'typebox';

/** The builders of TypeBox that the API uses. */
type Builders = Pick<
  typeof TypeBox,
  | 'Array'
  | 'Boolean'
  | 'Enum'
  | 'Integer'
  | 'Null'
  | 'Number'
  | 'Object'
  | 'Optional'
  | 'Record'
  | 'String'
  | 'Union'
>;

type Schema = Readonly<Record<string, unknown>>;
type Options = Schema | undefined;

/** Schemas that an object may leave out. */
const optionals = new WeakSet<Schema>();

const ofType = (type: string) => (options: Options) => ({ type, ...options });

/**
 * Builds JSON schemas, with TypeBox's types: `Static` turns a schema into the type of its values. TypeBox's own
 * builders make the same schemas, but loading them takes 370 modules and 13 MB of memory.
 */
export const Type = {
  Array: (items: Schema, options: Options) => ({ type: 'array', items, ...options }),
  Boolean: ofType('boolean'),
  Enum: (values: readonly unknown[], options: Options) => ({ enum: values, ...options }),
  Integer: ofType('integer'),
  Null: ofType('null'),
  Number: ofType('number'),
  Object: (properties: Readonly<Record<string, Schema>>, options: Options) => {
    const required = Object.keys(properties).filter((name) => !optionals.has(properties[name]!));
    return { type: 'object', ...(required.length > 0 && { required }), properties, ...options };
  },
  Optional: (schema: Schema) => {
    const optional = { ...schema };
    optionals.add(optional);
    return optional;
  },
  Record: (_names: Schema, values: Schema, options: Options) => ({
    type: 'object',
    patternProperties: { '^.*$': values },
    ...options,
  }),
  String: ofType('string'),
  Union: (anyOf: readonly Schema[], options: Options) => ({ anyOf, ...options }),
} as unknown as Builders;
