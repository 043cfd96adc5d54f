import assert from 'node:assert/strict';
import type { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import type { ListenPlace } from '../../config/listen-place.ts';
import { certificateNames } from './certificate-names.ts';

const INTERFACES = {
  lo: [{ address: '127.0.0.1' }],
  eth0: [{ address: '192.0.2.7' }, { address: '2001:db8::7' }, { address: 'fe80::1' }],
} as unknown as ReturnType<typeof networkInterfaces>;

const tcp = (host: string): ListenPlace => ({ kind: 'tcp', host, port: undefined });

test('the certificate needs the addresses listened at, and has those of the machine for a wildcard', () => {
  const unix: ListenPlace = { kind: 'unix', path: '/s' };
  const given = certificateNames([tcp('192.0.2.7'), tcp('desk.example'), unix], INTERFACES);
  assert.deepEqual(given, { needed: ['192.0.2.7', 'desk.example'], present: [] });
  for (const wildcard of ['0.0.0.0', '::'])
    assert.deepEqual(certificateNames([tcp(wildcard)], INTERFACES), {
      needed: [],
      present: ['127.0.0.1', '192.0.2.7', '2001:db8::7'],
    });
});
