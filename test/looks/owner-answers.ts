import type { CallAnswer } from '../client/page-server.ts';

// What the API of the desktop in the pictures answers. Times are far from now, so that they look the same every day.

const PAST = '2026-01-31 12:00:00';
const FUTURE = '2099-01-31 12:00:00';

/** Names of people: in other scripts, from right to left, with what confuses a text around them, and long. */
const ARABIC = 'سارة المنصوري';
const HEBREW = 'שלום (1)';
const LONG = 'maximilian.von-der-hohen-tanne@verwaltung.schule-am-wald.example';

const users = [
  { user: 'ada', read: true, write: true, owner: true },
  { user: ARABIC, read: true, write: true, owner: false },
  { user: HEBREW, read: true, write: false, owner: false },
  { user: LONG, read: false, write: false, owner: false },
];

const viewer = (id: string, user: string, numbers: object): object => ({
  ...{ id, user, address: '192.0.2.17', connected_since: PAST, read: true, write: true },
  ...{ fps: 29.7, bytes_per_second: 412_000, latency_ms: 12.4 },
  ...{ cpu: 10, cpu_average: 9.8, network: 10, network_average: 10 },
  ...numbers,
});

const viewers = [
  viewer('a1', 'ada', {}),
  viewer('b2', ARABIC, { fps: 8.2, latency_ms: 240, network: 2.1, network_average: 4.4 }),
  viewer('c3', HEBREW, {
    write: false,
    address: '2001:db8::7:1',
    latency_ms: null,
    fps: 0,
    bytes_per_second: 0,
  }),
];

const tickets = [
  { id: 't1', user: 'guest:Anna', read: true, write: false, expires: PAST, uses_left: 0 },
  { id: 't2', user: ARABIC, read: true, write: true, expires: FUTURE, uses_left: 3 },
];

const token = (id: string, name: string, user: string, facts: object): object => ({
  ...{ id, name, user, scopes: ['stats'], expires: FUTURE, last_used: null },
  ...facts,
});

const tokens = [
  token('k1', 'dashboard', 'ada', { last_used: PAST }),
  token('k2', 'نسخ احتياطي (ليلي)', ARABIC, { scopes: ['view', 'screenshot', 'events', 'files'] }),
];

const time = (process_name: string, ms: number): object => ({ process_name, time_us: ms * 1000 });

const frame = {
  frame: { server_time_us: 31_000 },
  server_side: [time('Screenshot', 3), time('Analysis', 4), time('Encoding_total', 18)],
  client_side: [
    {
      ...{ client: 'b2', client_time_us: 64_000, client_wait_us: 9000, ping_us: 120_000 },
      processes: [time('scanRenderQ', 14)],
    },
  ],
};

const ok = (body: object): CallAnswer => ({ status: 200, body });

/** The answers by method and path. */
export const OWNER_ANSWERS: ReadonlyMap<string, CallAnswer> = new Map([
  ['GET /api/viewers', ok({ viewers })],
  ['GET /api/get_users', ok(users)],
  ['GET /api/tickets', ok(tickets)],
  ['GET /api/tokens', ok(tokens)],
  ['GET /api/get_next_frame_stats', ok(frame)],
  ['POST /api/message', ok({ shown_to: 3 })],
  ['POST /api/create_user', { status: 400, body: { code: 'ACCOUNTS_USER_EXISTS', detail: 'x' } }],
  ['POST /api/tickets', ok({ url: 'https://desk.example/#ticket=dwk_q3Vh7Zt1mYwK', expires: FUTURE })],
  ['POST /api/tokens', ok({ token: 'dwt_6d2Jr0PzqS8xWc5uN1bTnA4eYkHfGmVo' })],
]);
