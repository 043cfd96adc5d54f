import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameReports } from './frame-reports.ts';

const measured = (allUs: number) => ({ allUs, renderUs: 1, pingUs: 2 });

test('a viewer is asked once for a report about its next update, for all waiting callers', async () => {
  const reports = new FrameReports();
  assert.equal(reports.updateBegins(0), false);
  const all = [reports.ofNextUpdate(5000), reports.ofNextUpdate(5000)];
  assert.equal(reports.updateBegins(30), true);
  assert.equal(reports.updateBegins(40), false);
  reports.answered(measured(7));
  for (const report of await Promise.all(all)) {
    assert.deepEqual(report, { ...measured(7), waitUs: 30 }, 'with the wait of that update');
  }
});

test('reports of a viewer answer the questions in their order', async () => {
  const reports = new FrameReports();
  reports.answered(measured(1));
  const first = reports.ofNextUpdate(5000);
  reports.answered(measured(2));
  reports.updateBegins(10);
  const second = reports.ofNextUpdate(5000);
  reports.updateBegins(20);
  reports.answered(measured(3));
  reports.answered(measured(4));
  assert.deepEqual([(await first)?.allUs, (await second)?.allUs], [3, 4]);
});

test('a report that does not come in time is not waited for, and its question is forgotten', async () => {
  const reports = new FrameReports();
  const late = reports.ofNextUpdate(10);
  reports.updateBegins(0);
  assert.equal(await late, undefined);
  const unasked = reports.ofNextUpdate(10);
  assert.equal(await unasked, undefined);
  assert.equal(reports.updateBegins(0), false);
  const next = reports.ofNextUpdate(5000);
  reports.updateBegins(0);
  reports.answered(measured(9));
  assert.equal((await next)?.allUs, 9);
});

test('closing frame reports answers all waiting callers and leaves no timer', async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const reports = new FrameReports();
  const asked = reports.ofNextUpdate(60_000);
  reports.updateBegins(0);
  const waiting = reports.ofNextUpdate(60_000);
  reports.close();
  assert.deepEqual(await Promise.all([asked, waiting]), [undefined, undefined]);
  assert.equal(timers(), before);
});
