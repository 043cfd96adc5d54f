import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFlags } from './parse-flags.ts';

const NAMES = { valued: ['port', 'run', 'allow-origin'], plain: ['help', 'read'] };
const parse = (...args: string[]) => parseFlags(args, NAMES);

test('a value follows its flag or an equals sign, and a flag may be repeated', () => {
  const { values, plain, positionals } = parse(
    'a',
    '--port',
    '1',
    '--run=x=y --z',
    '--port=2',
    '--read',
    'b',
    '-h',
  );
  assert.deepEqual(Object.fromEntries(values), { port: ['1', '2'], run: ['x=y --z'] });
  assert.deepEqual([...plain], ['read', 'help']);
  assert.deepEqual(positionals, ['a', 'b']);
});

test('arguments after -- are not flags', () => {
  assert.deepEqual(parse('--read', '--', '--port', '-').positionals, ['--port', '-']);
});

test('a wrong flag is refused with a code and a suggestion', () => {
  assert.throws(() => parse('--prot', '1'), {
    code: 'CFG_UNKNOWN_FLAG',
    message: /--prot\. Did you mean --port\?/,
  });
  assert.throws(() => parse('-p'), { code: 'CFG_UNKNOWN_FLAG' });
  assert.throws(() => parse('--__proto__'), { code: 'CFG_UNKNOWN_FLAG' });
  assert.throws(() => parse('--port'), { code: 'CFG_FLAG_NEEDS_VALUE' });
  assert.throws(() => parse('--port', '--read'), { code: 'CFG_FLAG_NEEDS_VALUE' });
  assert.throws(() => parse('--read=yes'), { code: 'CFG_FLAG_TAKES_NO_VALUE' });
});
