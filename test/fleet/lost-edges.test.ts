import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type EdgeProcess, FleetNodes, makeDesktop } from '../support/fleet-nodes.ts';
import type { HttpsClient } from '../support/https-client.ts';
import { Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';

async function startFleet(t: TestContext): Promise<{ edges: readonly EdgeProcess[]; admin: HttpsClient }> {
  const nodes = new FleetNodes();
  t.after(() => nodes.close());
  const first = await nodes.edge('edge-1');
  const second = await nodes.edge('edge-2');
  await nodes.host('host-1');
  const admin = second.client();
  t.after(() => admin.close());
  await makeDesktop(admin, 'lab-1');
  return { edges: [first, second], admin };
}

/** A viewer that has its first picture. The desktop does not change, so that no other one comes. */
async function watching(edge: EdgeProcess): Promise<Viewer> {
  const viewer = await Viewer.connectWebSocket(edge.target('lab-1'));
  await viewer.waitForUpdate((_framebuffer, update) => update !== undefined);
  return viewer;
}

for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
  test(`the viewers of an edge that ends by ${signal} connect to another one at once`, async (t) => {
    const { edges, admin } = await startFleet(t);
    const [first, second] = edges as [EdgeProcess, EdgeProcess];
    const viewers = await Promise.all(Array.from({ length: 5 }, () => watching(first)));
    const ended = Promise.all(viewers.map((viewer) => viewer.waitForClose()));
    await first.end(signal);
    await ended;
    await assert.rejects(Viewer.connectWebSocket(first.target('lab-1')), 'the edge takes nobody any more');
    const again = await Promise.all(viewers.map(() => watching(second)));
    await waitFor(
      'the viewers of the edge that has ended to be forgotten',
      async () => (await admin.get('/api/desktops/lab-1')).json().viewers === again.length,
      60_000,
    );
  });
}
