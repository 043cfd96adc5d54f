/** The keywords of JSON Schema that the schemas of calls use. */
export interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly default?: unknown;
}

/** Most entries of a list of fixed length that becomes a tuple. A larger one makes long types of long lists. */
const LONGEST_TUPLE = 8;

/** Writes the type of the values of a schema in TypeScript. `indent` is that of the line where the type begins. */
export function typeText(schema: Schema, indent = ''): string {
  const { type, anyOf, patternProperties } = schema;
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (anyOf !== undefined) return anyOf.map((one) => typeText(one, indent)).join(' | ');
  if (type === 'array') return listText(schema, indent);
  if (type === 'object' && patternProperties !== undefined) {
    const [values = {}] = Object.values(patternProperties);
    return `{ readonly [name: string]: ${typeText(values, indent)} }`;
  }
  if (type === 'object') return objectText(schema, indent);
  if (type === 'integer' || type === 'number') return 'number';
  if (type === 'string' || type === 'boolean' || type === 'null') return type;
  throw new Error(`no type is known for the schema ${JSON.stringify(schema)}`);
}

function listText({ items = {}, minItems, maxItems }: Schema, indent: string): string {
  const one = typeText(items, indent);
  if (minItems !== undefined && minItems === maxItems && minItems <= LONGEST_TUPLE)
    return `readonly [${Array.from({ length: minItems }, () => one).join(', ')}]`;
  return `readonly ${/[ |]/.test(one) && !one.startsWith('{') ? `(${one})` : one}[]`;
}

function objectText({ properties = {}, required = [] }: Schema, indent: string): string {
  const inner = `${indent}  `;
  const fields = Object.entries(properties).map(([name, schema]) => {
    const optional = required.includes(name) ? '' : '?';
    const comment = commentText(fieldComment(schema), inner);
    return `${comment}${inner}readonly ${keyText(name)}${optional}: ${typeText(schema, inner)};\n`;
  });
  return fields.length === 0 ? 'Readonly<Record<string, unknown>>' : `{\n${fields.join('')}${indent}}`;
}

const keyText = (name: string): string => (/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name));

function fieldComment({ description, default: absent }: Schema): string {
  const parts = description === undefined ? [] : [description];
  if (absent !== undefined) parts.push(`Default: \`${absent}\``);
  return parts.map((part) => (/[.!?]$/.test(part) ? part : `${part}.`)).join(' ');
}

/** Writes a comment for documentation, in a line of its own. Nothing for an empty text. */
export function commentText(text: string, indent: string): string {
  if (text === '') return '';
  const lines = text.replaceAll('*/', '*\\/').split('\n');
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`;
}
