import type { TObject, TSchema } from 'typebox';
import { packageVersion } from '../../config/package-version.ts';
import { PROBLEM_TYPE } from '../../http/problems/errors.ts';
import { type Call, defineCall, jsonText } from './call.ts';
import { type DescribedCall, DOCS_POLICY, docsPage } from './docs-page.ts';
import { isRequired } from './parameters.ts';
import { Type } from './schema.ts';

const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  code: Type.String({ description: 'Stable. Scripts compare this field' }),
  errors: Type.Optional(
    Type.Array(
      Type.Object({
        index: Type.Integer({ minimum: 0 }),
        user: Type.Optional(Type.String()),
        code: Type.String(),
        detail: Type.String(),
      }),
    ),
  ),
});

const REFUSALS: Readonly<Record<string, string>> = {
  400: 'Refused. Nothing has changed',
  401: 'No or wrong credentials',
  403: 'Not an owner, a token without the scope, or a page of another site',
};

/** What the API document says of the whole API. */
export interface ApiDescription {
  readonly summary: string;
  /** Who may call, with a password and with a token. */
  readonly callers: { readonly basic: string; readonly token: string };
}

const DEVELOPER_API: ApiDescription = {
  summary: 'Developer API',
  callers: { basic: 'An owner', token: 'A token of an owner, with the scope listed' },
};

/** The calls that return the API document, for programs and for people. */
export function openApiCalls(calls: readonly Call[], description: ApiDescription = DEVELOPER_API): Call[] {
  let text: string | undefined;
  let page: string | undefined;
  const self: Call = defineCall({
    method: 'GET',
    path: '/openapi.json',
    scope: 'any',
    summary: 'This API as an OpenAPI 3.1 document',
    changes: false,
    parameters: Type.Object({}),
    answers: { 200: { description: 'The document', content: { 'application/json': Type.Object({}) } } },
    handle: () => {
      text ??= JSON.stringify(openApiDocument(described, description));
      return jsonText(text);
    },
  });
  const docs: Call = defineCall({
    method: 'GET',
    path: '/docs',
    scope: 'any',
    summary: 'This API as a page for people',
    changes: false,
    parameters: Type.Object({}),
    answers: { 200: { description: 'The page', content: { 'text/html': Type.String() } } },
    handle: () => {
      page ??= docsPage(
        packageVersion(),
        [...idsOf(described)].map(([call, id]) => describe(call, id)),
      );
      const headers = { 'Content-Security-Policy': DOCS_POLICY };
      return { status: 200, type: 'text/html; charset=utf-8', headers, body: page };
    },
  });
  const described = [...calls, self, docs];
  return [self, docs];
}

/** An id for each call, which no other one has. */
function idsOf(calls: readonly Call[]): ReadonlyMap<Call, string> {
  const short = new Map(calls.map((call) => [call, operationId(call)]));
  const ids = [...short.values()];
  return new Map(
    [...short].map(([call, id]) => {
      const placeholder = /\{(\w)(\w*)\}$/.exec(call.path);
      const isShared = ids.indexOf(id) !== ids.lastIndexOf(id);
      return [
        call,
        isShared && placeholder ? `${id}By${placeholder[1]!.toUpperCase()}${placeholder[2]}` : id,
      ];
    }),
  );
}

function describe(call: Call, id: string): DescribedCall {
  const { method, path, summary, description, body, content, answers } = call;
  return {
    ...{ method, path: `/api${path}`, operationId: id, summary, description },
    ...{ parameters: parametersOf(call), answers },
    body: {
      ...(body && { 'application/json': body }),
      ...Object.fromEntries((content?.types ?? []).map((type) => [type, undefined])),
    },
  };
}

/** Makes an OpenAPI 3.1 document from the schemas with which the calls are checked. */
function openApiDocument(
  calls: readonly Call[],
  { summary, callers }: ApiDescription,
): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [call, id] of idsOf(calls)) {
    const path = `/api${call.path}`;
    paths[path] = { ...paths[path], [call.method.toLowerCase()]: operation(call, id) };
  }
  return {
    openapi: '3.1.1',
    info: { title: 'Deskwire', summary, version: packageVersion() },
    servers: [{ url: '/' }],
    paths,
    components: {
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic', description: callers.basic },
        token: { type: 'http', scheme: 'bearer', description: callers.token },
      },
      responses: Object.fromEntries(
        Object.entries(REFUSALS).map(([status, description]) => {
          return [
            `refusal${status}`,
            {
              description,
              content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
            },
          ];
        }),
      ),
      schemas: { Problem },
    },
  };
}

function operation(call: Call, id: string): Record<string, unknown> {
  const { scope, summary, description, body, isBodyOptional = false, content, answers } = call;
  const responses: Record<string, unknown> = {};
  for (const [status, answer] of Object.entries(answers)) {
    responses[status] = {
      description: answer.description,
      ...(answer.content && { content: mediaTypes(answer.content) }),
    };
  }
  for (const status of Object.keys(REFUSALS))
    responses[status] = { $ref: `#/components/responses/refusal${status}` };
  return {
    operationId: id,
    summary,
    security: [{ basic: [] }, { token: scope === 'any' ? [] : [scope] }],
    ...(description !== undefined && { description }),
    parameters: parametersOf(call),
    ...(content && {
      requestBody: { required: true, content: Object.fromEntries(content.types.map((type) => [type, {}])) },
    }),
    ...(body !== undefined && {
      requestBody: { required: !isBodyOptional, content: mediaTypes({ 'application/json': body }) },
    }),
    responses,
  };
}

/** The placeholders of the path, then the parameters of the query. */
function parametersOf({ place, parameters }: Call): DescribedCall['parameters'] {
  return [
    ...propertiesOf(place).map(([name, schema]) => ({ name, in: 'path', required: true, schema })),
    ...propertiesOf(parameters).map(([name, schema]) => {
      return { name, in: 'query', required: isRequired(parameters, name), schema };
    }),
  ];
}

const propertiesOf = (schema: TObject | undefined): [string, TSchema][] =>
  Object.entries((schema?.properties ?? {}) as Record<string, TSchema>);

/** Such as `createUser`, `createUserBulk` for its list, and `deleteViewers` for other methods than GET. */
export function operationId({ method, path, body }: Pick<Call, 'method' | 'path' | 'body'>): string {
  const name = path
    .slice(1)
    .replaceAll(/\/\{\w+\}/g, '')
    .replace(/[/_.]+(.)/g, (_all, letter: string) => letter.toUpperCase());
  if (method === 'GET') return name;
  if (body !== undefined && 'items' in body) return `${name}Bulk`;
  return `${method.toLowerCase()}${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

function mediaTypes(content: Readonly<Record<string, TSchema>>): Record<string, { schema: TSchema }> {
  return Object.fromEntries(Object.entries(content).map(([type, schema]) => [type, { schema }]));
}
