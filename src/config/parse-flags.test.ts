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

test('a switch may stand without a value, or with no- before its name', () => {
  const names = { valued: ['gl', 'port', 'run'], switches: ['gl'], plain: ['help'] };
  const gl = (...args: string[]) => parseFlags(args, names).values.get('gl');
  assert.deepEqual(gl('--gl'), ['true']);
  assert.deepEqual(gl('--gl', '--port', '1'), ['true']);
  assert.deepEqual(gl('--no-gl', '--port', '1'), ['false']);
  assert.deepEqual(gl('--gl', 'false'), ['false']);
  assert.deepEqual(gl('--gl=false', '--gl', '-h'), ['false', 'true']);
  assert.deepEqual(gl('--port', '1', '--', '--no-gl'), undefined);
  assert.deepEqual(parseFlags(['--run=--no-gl'], names).values.get('run'), ['--no-gl']);
  assert.throws(() => parseFlags(['--run', '--no-gl'], names), { code: 'CFG_FLAG_NEEDS_VALUE' });
  assert.throws(() => parseFlags(['--no-port'], names), { code: 'CFG_UNKNOWN_FLAG' });
});
