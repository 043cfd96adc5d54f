import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf, hasDigest, newSecret, parseSecret } from './bearer-secret.ts';

test('a secret is long, random, and of characters that fit into headers and sub-protocols', () => {
  const [one, other] = [newSecret('token'), newSecret('token')];
  assert.match(one.text, /^dwt_[0-9a-f]{16}_[\w-]{43}$/);
  assert.notEqual(one.text, other.text);
  assert.match(newSecret('ticket').text, /^dwk_/);
});

test('of a secret only the digest is kept, which fits that secret and no other', () => {
  const { text, digest, id } = newSecret('token');
  const parsed = parseSecret('token', text);
  assert.equal(parsed?.id, id);
  assert.ok(!digest.includes(parsed.secret) && digest === digestOf(parsed.secret));
  assert.ok(hasDigest(parsed.secret, digest));
  assert.ok(!hasDigest(parsed.secret, digestOf('other')));
  assert.ok(!hasDigest(parsed.secret, ''));
});

test('a text of another form, or of the other kind, is no secret', () => {
  const { text } = newSecret('token');
  assert.equal(parseSecret('ticket', text), undefined);
  for (const wrong of [
    '',
    'x',
    text.slice(1),
    `${text}A`,
    `${text}\n`,
    text.replace('dwt', 'dwx'),
    text.slice(0, -1),
  ])
    assert.equal(parseSecret('token', wrong), undefined, wrong);
});
