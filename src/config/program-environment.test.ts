import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import {
  environmentFault,
  MAX_VARIABLE_BYTES,
  MAX_VARIABLE_NAME,
  MAX_VARIABLES,
  readProgramEnvironment,
} from './program-environment.ts';

test('variables that would act on more than the programs, or that the desktop sets, are refused by name', () => {
  const refused = [
    ...['LD_PRELOAD', 'LD_LIBRARY_PATH', 'GLIBC_TUNABLES', 'NODE_OPTIONS', 'NODE_PATH', 'DESKWIRE_DATA'],
    ...['DISPLAY', 'XAUTHORITY', 'HOME', 'MALLOC_CHECK_', 'GCONV_PATH', 'XDG_RUNTIME_DIR'],
  ];
  for (const name of refused) assert.match(environmentFault({ [name]: 'x' }) ?? '', new RegExp(name), name);
  for (const name of ['', 'a-b', '1A', 'A=B', 'A B', 'Ä', 'A\n', 'a'.repeat(MAX_VARIABLE_NAME + 1)])
    assert.match(environmentFault({ [name]: 'x' }) ?? '', /name of a variable/, name);
  assert.match(environmentFault({ A: 'secret\0' }) ?? '', /^The value of A is no text\.$/);
  assert.match(environmentFault({ A: '\ud800' }) ?? '', /no text/);
});

test('as many variables and bytes as there may be are taken, and one more is refused', () => {
  const many = (count: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`V${i}`, 'x']));
  assert.equal(environmentFault(many(MAX_VARIABLES)), undefined);
  assert.match(environmentFault(many(MAX_VARIABLES + 1)) ?? '', /There may be 64/);
  const bytes = (count: number): Record<string, string> => ({ A: 'ä'.repeat((count - 2) / 2), B: '' });
  assert.equal(environmentFault(bytes(MAX_VARIABLE_BYTES)), undefined);
  assert.match(environmentFault(bytes(MAX_VARIABLE_BYTES + 2)) ?? '', /16384 bytes/);
  for (const name of ['PATH', 'LANG', 'HTTP_PROXY', 'lower_case', '_', 'a'.repeat(MAX_VARIABLE_NAME)])
    assert.equal(environmentFault({ [name]: 'two\nlines =' }), undefined, name);
});

test('a file of variables is read, and one that cannot be used says why without what is in it', () => {
  const folder = temporaryFolder('deskwire-environment-');
  const file = join(folder, 'variables.json');
  const read = (text: string): Readonly<Record<string, string>> => {
    writeFileSync(file, text);
    return readProgramEnvironment(file);
  };
  assert.deepEqual(readProgramEnvironment(undefined), {});
  assert.deepEqual(read('{"A": "x\\ny", "B": ""}'), { A: 'x\ny', B: '' });
  const most = Object.fromEntries([['A', '\u0001'.repeat(MAX_VARIABLE_BYTES - 1)]]);
  assert.deepEqual(read(JSON.stringify(most)), most);
  for (const text of [
    'secret',
    '["secret"]',
    '"secret"',
    'null',
    '{"A": 1}',
    '{"NODE_OPTIONS": "secret"}',
    '',
  ]) {
    assert.throws(
      () => read(text),
      (error: Error & { code?: string }) =>
        error.code === 'CFG_ENVIRONMENT_FILE' && !error.message.includes('secret'),
      text,
    );
  }
  for (const missing of [join(folder, 'none'), folder])
    assert.throws(() => readProgramEnvironment(missing), { code: 'CFG_ENVIRONMENT_FILE' });
});
