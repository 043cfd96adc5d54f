import { type TestContext, test } from 'node:test';

/**
 * Returns a `test` for one file, which calls `prepare` before each test. A hook would run for the tests of all files
 * that share a process in `npm run check`.
 */
export const preparedTest =
  (prepare: (t: TestContext) => void) =>
  (name: string, body: (t: TestContext) => void | Promise<void>): void =>
    void test(name, (t) => {
      prepare(t);
      return body(t);
    });
