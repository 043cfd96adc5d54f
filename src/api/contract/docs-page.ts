import { createHash } from 'node:crypto';
import type { TSchema } from 'typebox';

/** The keywords of JSON Schema that the schemas of calls use. */
interface Described {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Described[];
  readonly items?: Described;
  readonly properties?: Readonly<Record<string, Described>>;
  readonly patternProperties?: Readonly<Record<string, Described>>;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
}

/** The parts of an operation of the API document that the page shows. */
export interface DescribedCall {
  readonly method: string;
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string | undefined;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: TSchema;
  }[];
  readonly body: Readonly<Record<string, TSchema | undefined>>;
  readonly answers: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, TSchema>> }>
  >;
}

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; }
nav ul { columns: 20rem; padding: 0; list-style: none; }
section { border-top: 1px solid #8886; padding-top: .5rem; margin-top: 2rem; }
code, pre { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .9em; }
pre { background: #8882; padding: .6rem; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .2rem .6rem .2rem 0; border-bottom: 1px solid #8883; }
.method { display: inline-block; min-width: 4.5em; font-weight: 600; }
`;

/** Content policy of the page: it has one style and runs, loads and sends nothing. */
export const DOCS_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Makes a page for people of the calls. It needs no script, so that it can be read with any browser. */
export function docsPage(version: string, calls: readonly DescribedCall[]): string {
  const entries = calls.map(
    ({ method, path, operationId }) =>
      `<li><a href="#${escaped(operationId)}">${heading(method, path)}</a></li>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Deskwire ${escaped(version)}: developer API</title>
<style>${STYLE}</style>
<h1>Deskwire ${escaped(version)}: developer API</h1>
<p>The calls of this server. Programs read the same in <a href="openapi.json">openapi.json</a> (OpenAPI 3.1). A refused
call has changed nothing; its answer is <code>application/problem+json</code> with a stable <code>code</code>.</p>
<nav><ul>
${entries.join('\n')}
</ul></nav>
${calls.map(section).join('\n')}
</html>
`;
}

function section(call: DescribedCall): string {
  const { method, path, operationId, summary, description, parameters, body, answers } = call;
  const fields = parameters.map(({ name, in: place, required, schema }) => {
    const where = place === 'path' ? 'in the path' : required ? 'required' : 'optional';
    return row([code(name), typeOf(schema), where, textOf(schema)]);
  });
  const bodies = Object.entries(body).map(([type, schema]) => {
    return `<h4>Body: ${code(type)}</h4>${schema === undefined ? '' : schemaTable(schema)}`;
  });
  const outcomes = Object.entries(answers).flatMap(([status, answer]) => {
    const content = Object.entries(answer.content ?? {});
    const types = content.map(([type]) => code(type)).join(', ');
    return [
      `<h4>${escaped(status)}: ${markdown(answer.description)}${types && ` (${types})`}</h4>`,
      ...content.map(([, schema]) => schemaTable(schema)),
    ];
  });
  return [
    `<section id="${escaped(operationId)}"><h3>${heading(method, path)}</h3>`,
    `<p>${markdown(summary)}.${description === undefined ? '' : ` ${markdown(description)}`}</p>`,
    table(fields, ['parameter', 'type', '', 'meaning']),
    ...bodies,
    ...outcomes,
    '</section>',
  ].join('\n');
}

const heading = (method: string, path: string): string =>
  `<code><span class="method">${escaped(method)}</span> ${escaped(path)}</code>`;

/** The fields of an object, or of the objects of a list, however deep. Empty for a schema without fields. */
function schemaTable(schema: Described): string {
  const rows = fieldsOf(schema, '').map(({ name, schema: field, isOptional }) => {
    return row([code(name), typeOf(field), isOptional ? 'optional' : '', textOf(field)]);
  });
  return table(rows, ['field', 'type', '', 'meaning']);
}

interface Field {
  readonly name: string;
  readonly schema: Described;
  readonly isOptional: boolean;
}

function fieldsOf(schema: Described, prefix: string): Field[] {
  if (schema.items !== undefined) return fieldsOf(schema.items, `${prefix}[]`);
  // A body that is an object or a list of such: the fields of one.
  const [one] = schema.anyOf ?? [];
  if (one?.properties !== undefined) return fieldsOf(one, prefix);
  const values = Object.values(schema.patternProperties ?? {});
  if (values.length > 0) return values.flatMap((value) => fieldsOf(value, `${prefix}{}`));
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    const isOptional = !(schema.required ?? []).includes(key);
    return [{ name, schema: field, isOptional }, ...fieldsOf(field, name)];
  });
}

/** Such as `integer 0-9`, `list of string` and `one of jpeg, png`. */
function typeOf(schema: Described): string {
  const { type, enum: choices, anyOf, items, minimum, maximum, minLength, maxLength, maxItems } = schema;
  if (choices !== undefined) return `one of ${choices.map((choice) => code(String(choice))).join(', ')}`;
  if (anyOf !== undefined) return anyOf.map(typeOf).join(' or ');
  if (items !== undefined)
    return `list of ${typeOf(items)}${maxItems === undefined ? '' : `, at most ${maxItems}`}`;
  const range = (low: number | undefined, high: number | undefined): string =>
    low === undefined && high === undefined ? '' : ` ${low ?? ''}–${high ?? ''}`;
  const of = type === 'string' ? range(minLength, maxLength) : range(minimum, maximum);
  return escaped(`${schema.format === 'binary' ? 'bytes' : (type ?? 'anything')}${of}`);
}

function textOf({ description = '', default: absent }: Described): string {
  const text = absent === undefined ? '' : `Default: ${code(String(absent))}.`;
  return [markdown(description), text].filter((part) => part !== '').join('. ');
}

const row = (cells: readonly string[]): string =>
  `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;

const table = (rows: readonly string[], head: readonly string[]): string =>
  rows.length === 0
    ? ''
    : `<table><tr>${head.map((cell) => `<th>${cell}</th>`).join('')}</tr>${rows.join('\n')}</table>`;

const code = (text: string): string => `<code>${escaped(text)}</code>`;

/** Of Markdown, descriptions have only code in backquotes. */
const markdown = (text: string): string => escaped(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => ESCAPES[character]!);
