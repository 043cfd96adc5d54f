import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { callApi } from '../../api/call-api.ts';
import type { Measured, Totals } from '../../measured.ts';
import { STAGES } from './stages.ts';
import { type OwnConnection, ownersSource, ownSource } from './statistics-source.ts';

const LISTED = {
  id: 'one',
  user: 'fred',
  fps: 12.5,
  bytes_per_second: 1000,
  latency_ms: null,
  cpu: 9,
  cpu_average: 8,
  network: 7,
  network_average: 6,
};
const STATS = {
  frame: { server_time_us: 1000 },
  server_side: [],
  client_side: [{ client: 'one', client_time_us: 2000, client_wait_us: 0, ping_us: 0, processes: [] }],
};

test('an owner’s readings join the list of viewers with a frame that nothing was made for', async () => {
  const asked: string[] = [];
  const api =
    (stats: unknown): typeof callApi =>
    async (method, path) => {
      asked.push(`${method} ${path}`);
      return (path === '/viewers' ? { viewers: [LISTED] } : stats) as never;
    };
  const { signal } = new AbortController();
  const [reading] = await ownersSource(api(STATS)).read(signal);
  assert.deepEqual(asked, ['GET /viewers', 'GET /get_next_frame_stats?client=all&within_ms=1000']);
  assert.equal(reading?.user, 'fred');
  assert.equal(reading?.latencyMs, undefined);
  assert.equal(reading?.frame?.[STAGES.indexOf('link')], 2);
  const [still] = await ownersSource(api(undefined)).read(signal);
  assert.equal(still?.frame, undefined);
});

class FakeConnection implements OwnConnection {
  totals: Totals | undefined = { updates: 0, bytes: 0, receivingMs: 0, drawingMs: 0 };
  asked = 0;
  readonly #listeners = new Set<(measured: Measured) => void>();

  ask(): void {
    this.asked++;
    for (const listener of [...this.#listeners]) {
      listener({ kind: 'bottleneck', numbers: [9, 8, 4, 5] });
      listener({ kind: 'network', numbers: [1, 40, 1000] });
    }
  }

  onMeasured(listener: (measured: Measured) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

test('a user’s own readings have the server’s numbers, and rates from what the page has counted', async (t) => {
  let nowMs = 5000;
  t.mock.method(performance, 'now', () => nowMs);
  const connection = new FakeConnection();
  const source = ownSource(connection);
  const { signal } = new AbortController();
  const [first] = await source.read(signal);
  assert.equal(first?.fps, 0);
  nowMs = 7000;
  connection.totals = { updates: 20, bytes: 6000, receivingMs: 100, drawingMs: 40 };
  const [second] = await source.read(signal);
  assert.deepEqual(
    { ...second, frame: second?.frame?.slice(-2) },
    {
      id: 'own',
      user: undefined,
      fps: 10,
      bytesPerSecond: 3000,
      latencyMs: 40,
      cpu: 9,
      cpuAverage: 8,
      network: 4,
      networkAverage: 5,
      frame: [25, 2],
    },
  );
  nowMs = 9000;
  connection.totals = { updates: 1, bytes: 10, receivingMs: 1, drawingMs: 1 };
  assert.equal((await source.read(signal))[0]?.fps, 0, 'the page has connected anew');
  connection.totals = undefined;
  assert.deepEqual(await source.read(signal), []);
  assert.equal(connection.asked, 4);
});
