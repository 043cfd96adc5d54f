import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AskedOrigin, askedOriginText, isOwnOrigin } from './asked-origin.ts';

const TLS: AskedOrigin = { scheme: 'https', hosts: [], port: undefined, localPort: 8443 };

/** Cases: the page's origin, what was asked for, whether they are the same. */
const CASES: readonly (readonly [string, Partial<AskedOrigin>, boolean])[] = [
  ['https://desk.example:9443', { hosts: ['desk.example:9443'] }, true],
  ['https://desk.example:9443', { hosts: ['desk.example:9444'] }, false],
  ['https://desk.example', { hosts: ['desk.example:443'] }, true],
  ['https://desk.example', { hosts: ['DESK.example'] }, true],
  // nginx's `Host $host`, on another port than 443.
  ['https://desk.example:9443', { hosts: ['desk.example'] }, true],
  ['https://[2001:db8::1]:9443', { hosts: ['[2001:db8::1]'] }, true],
  ['https://evil.example:9443', { hosts: ['desk.example'] }, false],
  ['https://sub.desk.example', { hosts: ['desk.example'] }, false],
  ['http://desk.example:9443', { hosts: ['desk.example'] }, false],
  // A server on port 443 sees the host of the browser, unless the proxy tells the port.
  ['https://desk.example:9443', { hosts: ['desk.example'], localPort: 443 }, false],
  ['https://desk.example', { hosts: ['desk.example'], localPort: 443 }, true],
  ['https://desk.example:9443', { hosts: ['desk.example'], port: '9443' }, true],
  ['https://desk.example:9444', { hosts: ['desk.example'], port: '9443' }, false],
  ['https://desk.example', { hosts: ['desk.example'], port: '443' }, true],
  // A proxy may forward a host, and the port inside.
  ['https://desk.example', { hosts: ['desk.example', 'inner:8443'], port: '8080' }, true],
  ['https://inner:8443', { hosts: ['desk.example', 'inner:8443'] }, true],
  // Plain HTTP behind a proxy that forwards no scheme.
  ['https://desk.example', { hosts: ['desk.example'], scheme: undefined }, true],
  ['http://desk.example', { hosts: ['desk.example'], scheme: undefined }, true],
  ['ftp://desk.example', { hosts: ['desk.example'], scheme: undefined }, false],
  ['http://localhost:8080', { hosts: ['localhost:8080'], scheme: undefined, localPort: undefined }, true],
  ['https://desk.example', { hosts: [] }, false],
  ['https://desk.example', { hosts: ['de sk/'] }, false],
];

test('an origin is the server’s own if it is that of the URL asked for, as far as the headers tell', () => {
  for (const [origin, asked, expected] of CASES)
    assert.equal(isOwnOrigin(origin, { ...TLS, ...asked }), expected, `${origin} ${JSON.stringify(asked)}`);
});

test('the origin asked for is written with the port that a proxy forwards, and without an unknown scheme', () => {
  const text = (asked: Partial<AskedOrigin>) => askedOriginText({ ...TLS, ...asked });
  assert.equal(text({ hosts: ['Desk.Example'] }), 'https://desk.example');
  assert.equal(text({ hosts: ['desk.example'], port: '9443' }), 'https://desk.example:9443');
  assert.equal(text({ hosts: ['[::1]:80'], port: '9443', scheme: 'http' }), 'http://[::1]');
  assert.equal(text({ hosts: ['[::1]'], port: '9443' }), 'https://[::1]:9443');
  assert.equal(text({ hosts: ['Desk:81'], scheme: undefined }), 'desk:81');
  assert.equal(text({ hosts: [] }), undefined);
});
