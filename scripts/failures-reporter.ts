/**
 * Reporter of `node --test` for programs: writes one line of JSON for each test that failed, and one for each test that
 * ended. Suites and files that failed only because one of their tests did are left out.
 */
import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';

/** One line of the reporter. */
export type ReportLine =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly name: string; readonly file: string };

export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    const line = lineOf(event);
    if (line !== undefined) yield `${JSON.stringify(line)}\n`;
  }
}

function lineOf(event: TestEvent): ReportLine | undefined {
  if (event.type === 'test:pass') {
    return event.data.details.type === 'suite' || event.data.skip ? undefined : { kind: 'passed' };
  }
  if (event.type !== 'test:fail' || event.data.todo !== undefined) return undefined;
  const error = event.data.details.error as Error & { failureType?: string };
  if (error.failureType === 'subtestsFailed') return undefined;
  return { kind: 'failed', name: event.data.name, file: relative('.', event.data.file ?? event.data.name) };
}
