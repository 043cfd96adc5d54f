import assert from 'node:assert/strict';
import { test } from 'node:test';
import { innerUrl } from './inner-url.ts';

test('a URL leads to the same route with and without the base path, and with doubled slashes', () => {
  for (const [url, basePath, inner] of [
    ['/', undefined, '/'],
    ['//websockify', undefined, '/websockify'],
    ['/websockify/?ticket=a//b', undefined, '/websockify?ticket=a//b'],
    ['/main.js?x=/desk/', '/desk', '/main.js?x=/desk/'],
    ['/desk', '/desk', '/'],
    ['/desk?quality=9', '/desk', '/?quality=9'],
    ['/desk/', '/desk', '/'],
    ['/desk//websockify', '/desk', '/websockify'],
    ['//desk/api/get_users', '/desk', '/api/get_users'],
    ['/desktop', '/desk', '/desktop'],
    ['/user/ada/desk/healthz', '/user/ada/desk', '/healthz'],
    ['/desk/desk/x', '/desk', '/desk/x'],
    ['/user/ada@x.org/8443/main.js?a=%40', '/user/ada%40x.org/8443', '/main.js?a=%40'],
    ['/user/ada%40x.org/8443', '/user/ada@x.org/8443', '/'],
    ['/user/j%c3%bcrgen/', '/user/j%C3%BCrgen', '/'],
    ['/desk%2Fmain.js', '/desk', '/desk%2Fmain.js'],
    ['/desk/%E4/%2e%2e', '/desk/%E4', '/%2e%2e'],
    ['/des', '/desk', '/des'],
    ['/metrics', undefined, '/api/metrics'],
    ['/desk/metrics?x=1', '/desk', '/api/metrics?x=1'],
    ['/metrics/', undefined, '/metrics/'],
    ['*', '/desk', '*'],
    ['http://desk/x', '/desk', 'http://desk/x'],
    ['', undefined, ''],
  ] as const)
    assert.equal(innerUrl(url, basePath), inner, url);
});
