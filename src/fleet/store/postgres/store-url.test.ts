import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import { test } from 'node:test';
import { parseStoreUrl, tlsFor } from './store-url.ts';

test('a URL of a store names hosts, ports, role, password and database', () => {
  const place = parseStoreUrl('postgresql://desk:a%40b%3Ac@db1,db2:5433,[fd00::1]:6000/lab?sslmode=require');
  assert.deepEqual(place.hosts, [
    { host: 'db1', port: 5432 },
    { host: 'db2', port: 5433 },
    { host: 'fd00::1', port: 6000 },
  ]);
  assert.deepEqual([place.user, place.password, place.database], ['desk', 'a@b:c', 'lab']);
  assert.equal(place.tls, 'require');
});

test('what a URL of a store leaves out has a default', () => {
  const { name } = { name: userInfo().username };
  for (const url of ['postgres://', 'postgres:///', 'postgres:///deskwire']) {
    const { hosts, user, database, password } = parseStoreUrl(url);
    assert.deepEqual(hosts, [{ host: '/var/run/postgresql', port: 5432 }]);
    assert.deepEqual([user, database, password], [name, 'deskwire', undefined]);
  }
});

test('hosts, ports, role and database of a URL can be parameters, as PostgreSQL allows', () => {
  const url =
    'postgres://?host=/run/pg,db2&port=1,2&user=u&dbname=d&password=p%26&target_session_attrs=read-write';
  const place = parseStoreUrl(url);
  assert.deepEqual(place.hosts, [
    { host: '/run/pg', port: 1 },
    { host: 'db2', port: 2 },
  ]);
  assert.deepEqual([place.user, place.database, place.password], ['u', 'd', 'p&']);
  assert.deepEqual(parseStoreUrl('postgres://%2Frun%2Fpg/d').hosts, [{ host: '/run/pg', port: 5432 }]);
});

test('a URL of a store that cannot be used is refused, without a word of it', () => {
  const secret = 's3cret';
  const wrong = [
    'mysql://host/db',
    `postgres://u:${secret}@host:port/db`,
    `postgres://u:${secret}@host:70000/db`,
    `postgres://u:${secret}%@host/db`,
    `postgres://u:${secret}@x@host/db`,
    `postgres://u:${secret}@host,,other/db`,
    `postgres://u:${secret}@host/db?sslmode=prefer`,
    `postgres://u:${secret}@host/db?pool=${secret}`,
    `postgres://u:${secret}@host/db?sslcert=a`,
    `postgres://u:${secret}@host/db?target_session_attrs=any`,
    `postgres://u:${secret}@host/db?password=%${secret}`,
    `postgres://u:${secret}@${Array(9).fill('host').join(',')}/db`,
  ];
  for (const url of wrong)
    assert.throws(
      () => parseStoreUrl(url),
      (error: Error & { code: string }) => {
        assert.equal(error.code, 'CFG_STORE', url);
        assert.ok(!error.message.includes(secret) && !error.stack!.includes(secret), error.message);
        return true;
      },
      url,
    );
});

test('a connection over a network is encrypted and its server checked, unless the URL says otherwise', () => {
  const modeOf = (url: string): string => {
    const place = parseStoreUrl(url);
    return tlsFor(place, place.hosts[0]!);
  };
  assert.equal(modeOf('postgres://db1/d'), 'verify-full');
  assert.equal(modeOf('postgres://192.0.2.1/d'), 'verify-full');
  assert.equal(modeOf('postgres://db1/d?sslmode=disable'), 'disable');
  for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '[::1]', ''])
    assert.equal(modeOf(`postgres://${host}/d`), 'disable');
  assert.equal(modeOf('postgres://localhost/d?sslmode=verify-ca'), 'verify-ca');
  assert.equal(modeOf('postgres:///d?sslmode=verify-full'), 'disable', 'a Unix socket has no TLS');
});
