import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Check } from 'typebox/schema';
import type { HttpsAnswer, HttpsClient } from '../support/https-client.ts';
import { ADA, ContractServer, EVE } from './contract-server.ts';

/**
 * The calls of KasmVNC's developer API, in an order in which a script may make them, and the status, type and form that
 * KasmVNC 1.5 was seen to answer. Where it was seen to fail, or to answer JSON as plain text, this server does better,
 * and the table has what it answers instead.
 */
interface Row {
  readonly request: string;
  readonly body?: unknown;
  readonly status: number;
  readonly type: string | undefined;
  /** A text, or the schema of JSON. Undefined for a picture. */
  readonly form?: string | object;
}

const JSON_TYPE = 'application/json';
const PROBLEM_TYPE = 'application/problem+json';
const done = (request: string, body?: unknown): Row => {
  return { request, body, status: 200, type: 'text/plain; charset=utf-8', form: '200 OK' };
};
const object = (properties: Record<string, object>, more: object = {}): object => {
  return { type: 'object', required: Object.keys(properties), properties, ...more };
};
const refused = (request: string, code: string, body?: unknown): Row => {
  const form = object({ type: {}, title: {}, status: { const: 400 }, detail: {}, code: { const: code } });
  return { request, body, status: 400, type: PROBLEM_TYPE, form };
};
const json = (request: string, form: object): Row => ({ request, status: 200, type: JSON_TYPE, form });
const picture = (request: string, type: string | undefined, status = 200): Row => ({ request, status, type });

const text = { type: 'string' };
const yes = { type: 'boolean' };
const whole = { type: 'integer', minimum: 0 };
const number = { type: 'number', minimum: 0 };
const time = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d$' };
const list = (items: object): object => ({ type: 'array', items });
const process = (more: Record<string, object> = {}): object =>
  object({ process_name: text, time: whole, ...more });
const encoder = (name: string): object =>
  process({ process_name: { const: name }, count: whole, area: whole });
const named = (name: string): object => process({ process_name: { const: name } });

const id = '^[^_]+_\\d+\\.\\d{6}::websocket$';
const four = { type: 'array', items: { type: 'number', minimum: 0, maximum: 10 }, minItems: 4, maxItems: 4 };

const TABLE: readonly Row[] = [
  json(
    'GET get_bottleneck_stats',
    object({
      eve: {
        type: 'object',
        patternProperties: { [id]: four },
        additionalProperties: false,
        minProperties: 1,
      },
    }),
  ),
  json(
    'GET get_frame_stats?client=none',
    object({
      frame: object({ resx: whole, resy: whole, changed: whole, server_time: whole }),
      server_side: {
        type: 'array',
        allOf: [
          { contains: named('Analysis') },
          { contains: named('Screenshot') },
          { contains: process({ process_name: { const: 'Encoding_total' }, videoscaling: whole }) },
          { contains: encoder('TightJPEGEncoder') },
          { contains: encoder('TightWEBPEncoder') },
        ],
      },
      client_side: { type: 'array', maxItems: 0 },
    }),
  ),
  refused('GET get_frame_stats?client=nobody', 'SESSION_NO_SUCH_CLIENT'),
  picture('GET get_screenshot', 'image/jpeg'),
  picture('GET get_screenshot?width=100&height=100&quality=9', 'image/jpeg'),
  picture('GET get_screenshot?width=90&deduplicate=true', 'image/jpeg'),
  picture('GET get_screenshot?width=90&deduplicate=true', undefined, 204),
  refused('GET get_screenshot?quality=10', 'API_PARAMETER_INVALID'),
  done('GET create_user?name=fred&password=123&write=true'),
  refused('GET create_user?name=fred&password=123&write=true', 'ACCOUNTS_USER_EXISTS'),
  done('POST create_user', [
    { user: 'username1', password: 'password123', write: true, read: true, owner: false },
    { user: 'username2', password: 'password123', write: true, read: true, owner: false },
  ]),
  refused('POST create_user', 'API_BODY_NOT_JSON', '[{'),
  done('GET update_user?name=fred&password=123&write=true'),
  refused('GET update_user?name=nobody&write=true', 'ACCOUNTS_NO_SUCH_USER'),
  done('POST update_user', [{ user: 'username1', write: true, read: true, owner: false }]),
  json('GET get_users', {
    ...list(object({ user: text, read: yes, write: yes, owner: yes }, { additionalProperties: false })),
    minItems: 5,
  }),
  done('GET remove_user?name=fred'),
  refused('GET remove_user?name=fred', 'ACCOUNTS_NO_SUCH_USER'),
  done('POST remove_user', [{ user: 'username1' }, { user: 'username2' }]),
  done('GET send_full_frame'),
  done('GET clear_clipboard'),
  json('GET get_sessions', object({ users: list(object({ username: text, connected_since: time })) })),
  json(
    'GET downloads?path=',
    object({
      files: list(
        object({
          ...{ filename: text, date_modified: time, date_created: time, is_dir: yes, size: whole },
          ...{ owner: text, group: text, perms: text },
        }),
      ),
    }),
  ),
  json(
    'GET system/stats',
    object({
      cpu: object({
        ...{ usage_percent: number, has_cgroup_usage: yes, cgroup_usage_percent: number },
        ...{ cgroup_available_percent: number, cgroup_effective_cores: number, cgroup_usage_usec: whole },
        ...{ cgroup_user_usec: whole, cgroup_system_usec: whole },
      }),
      memory: object({ total: whole, free: whole, cached: whole, used: whole }),
      cgroup: object({
        ...{ has_mem_limit: yes, mem_limit: whole, has_cpu_limit: yes, cpu_limit_cores: number },
        ...{ has_cpu_weight: yes, cpu_weight: whole, has_cpu_affinity: yes, cpu_affinity: text },
      }),
      cpu_throttling: object({
        ...{ available: yes, has_throttling: yes, nr_periods: whole, nr_throttled: whole },
        ...{ throttled_usec: whole, throttled_percent: number },
      }),
      io_stats: {
        type: 'object',
        additionalProperties: object({
          ...{ bytes_read: whole, bytes_read_per_sec: whole, bytes_written: whole },
          ...{ bytes_written_per_sec: whole, iowait: number },
        }),
      },
    }),
  ),
];

let server: ContractServer;
let ada: HttpsClient;
before(async () => {
  server = await ContractServer.start();
  ada = server.client(ADA);
  await server.viewer(EVE);
});
after(() => server.close());

function make({ request, body }: Row): Promise<HttpsAnswer> {
  const [method = '', path = ''] = request.split(' ');
  return ada.send(`/api/${path}`, { method, body });
}

for (const row of TABLE) {
  const { request, status, type, form } = row;
  test(`${request} answers ${status} ${type ?? 'without a body'} in KasmVNC’s form`, async () => {
    const answer = await make(row);
    assert.deepEqual([answer.status, answer.headers['content-type']], [status, type]);
    if (typeof form === 'string') assert.equal(answer.text(), form);
    else if (form !== undefined) assert.ok(Check(form, answer.json()), `${answer.text()}`);
    else assert.equal(answer.body.length > 0, status === 200);
  });
}
