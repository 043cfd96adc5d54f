import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressBlock } from './address-block.ts';

test('an IPv4 address is a block of its own, and so is a text that is no address', () => {
  for (const text of ['10.1.2.3', '10.1.2.4', 'desk:example', '']) assert.equal(addressBlock(text), text);
});

test('all addresses of an IPv6 /64 are one block, in every way to write them', () => {
  const block = '2001:db8:0:7::/64';
  for (const address of [
    '2001:db8:0:7::1',
    '2001:0DB8:0000:0007:0:0:0:1',
    '2001:db8:0:7:ffff:ffff:ffff:ffff',
    '2001:db8:0:7::10.0.0.1',
    '2001:db8:0:7::1%eth0',
  ]) {
    assert.equal(addressBlock(address), block, address);
  }
});

test('IPv6 addresses of different /64 are different blocks', () => {
  for (const address of ['2001:db8:0:8::1', '2001:db8::7:0:0:0', '::1', 'fe80::1']) {
    assert.notEqual(addressBlock(address), '2001:db8:0:7::/64', address);
  }
  assert.equal(addressBlock('::1'), '0:0:0:0::/64');
  assert.equal(addressBlock('1::'), '1:0:0:0::/64');
});
