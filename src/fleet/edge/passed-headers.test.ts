import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answeredHeaders, type Passed, passedHeaders } from './passed-headers.ts';

const PASSED: Omit<Passed, 'isLoggedIn'> = {
  ...{ assertion: 'signed', address: '192.0.2.1', scheme: 'https', host: 'fleet.example' },
  cookies: ['__Host-deskwire-1', 'deskwire-1'],
};
const ADDED = [
  ...['X-Forwarded-For', '192.0.2.1', 'X-Forwarded-Proto', 'https'],
  ...['X-Forwarded-Host', 'fleet.example', 'deskwire-edge', 'signed'],
];
const CREDENTIALS = [
  ...['Authorization', 'Basic YTpi', 'Deskwire-Session', 'key'],
  ...['Cookie', '__Host-deskwire-1=a; __Host-deskwire-2=b; deskwire-1=c'],
];

test('what a caller says of itself, as only a proxy or the edge may, is not passed on', () => {
  const forged = [
    ...['X-Forwarded-For', '10.0.0.1', 'x-forwarded-user', 'root', 'Forwarded', 'for=10.0.0.1'],
    ...['X-Real-IP', '10.0.0.1', 'X-Original-Host', 'evil', 'X-Scheme', 'http', 'X-Url-Scheme', 'http'],
    ...['Front-End-Https', 'on', 'Deskwire-Edge', 'forged', 'DESKWIRE-EDGE', 'forged'],
  ];
  const rawHeaders = ['Host', 'fleet.example', ...forged];
  assert.deepEqual(passedHeaders({ rawHeaders }, { ...PASSED, isLoggedIn: false }), [
    'Host',
    'fleet.example',
    ...ADDED,
  ]);
});

test('headers of one connection, and those that Connection names, stay there', () => {
  const rawHeaders = [
    ...['Connection', 'Upgrade, X-Once', 'Upgrade', 'websocket', 'X-Once', '1', 'Keep-Alive', 'timeout=5'],
    ...['TE', 'trailers', 'Transfer-Encoding', 'chunked', 'Expect', '100-continue', 'X-Kept', '1'],
  ];
  const kept = ['X-Kept', '1'];
  assert.deepEqual(passedHeaders({ rawHeaders }, { ...PASSED, isLoggedIn: false }), [...kept, ...ADDED]);
  assert.deepEqual(answeredHeaders(rawHeaders), kept);
});

test('a desktop gets no login that the edge has checked, and none of the fleet’s cookies', () => {
  const rawHeaders = [...CREDENTIALS];
  assert.deepEqual(passedHeaders({ rawHeaders }, { ...PASSED, isLoggedIn: true }), ADDED);
  assert.deepEqual(passedHeaders({ rawHeaders }, { ...PASSED, isLoggedIn: false }), [
    ...CREDENTIALS.slice(0, 4),
    ...['Cookie', '__Host-deskwire-2=b'],
    ...ADDED,
  ]);
});
