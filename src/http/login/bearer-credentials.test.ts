import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bearerText } from './bearer-credentials.ts';

test('a token comes in the header of a bearer, or as a sub-protocol of a WebSocket', () => {
  for (const [headers, expected] of [
    [{}, undefined],
    [{ authorization: 'Bearer dwt_1' }, 'dwt_1'],
    [{ authorization: 'bEARER   dwt_1 ' }, 'dwt_1'],
    [{ authorization: 'Bearer' }, undefined],
    [{ authorization: 'Bearer a b' }, undefined],
    [{ authorization: 'Basic YTpi' }, undefined],
    [{ 'sec-websocket-protocol': 'binary, deskwire.token.dwt_1' }, 'dwt_1'],
    [{ 'sec-websocket-protocol': 'deskwire.token.dwt_1,binary' }, 'dwt_1'],
    [{ 'sec-websocket-protocol': 'binary' }, undefined],
    [{ authorization: 'Basic YTpi', 'sec-websocket-protocol': 'deskwire.token.dwt_1' }, undefined],
  ] as const)
    assert.equal(bearerText({ headers }), expected, JSON.stringify(headers));
});
