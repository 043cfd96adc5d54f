import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../../bench/statistics.ts';
import { FleetProcess } from '../support/fleet-process.ts';
import { passesOnce } from '../support/limits.ts';
import { processTree, readProc, statFields } from '../support/process-tree.ts';
import { startDeskwire } from '../support/start-deskwire.ts';
import { Viewer } from '../support/viewer.ts';

/** Fences of each way. The two take turns, so that other programs delay both. */
const FENCES = 200;
const BETWEEN_MS = 5;
/** Frames in which processor time is counted. It is counted in hundredths of a second. */
const FRAMES = 300;
const FRAMES_LIMIT_MS = 120_000;
/** A program that changes the screen some 30 times a second. */
const CLOCK = 'exec xterm -maximized -e sh -c "while :; do date +%N; sleep 0.03; done"';
const SIZE = '640x480';

/** `npm run bench -- hop` judges the promises: 1 ms and 1.25 times the processor time. One stall of TCP takes 40 ms. */
const MOST_TIMES_AS_LONG = 5;
const MOST_TIMES_CPU = 2;

/** User and system time in /proc/PID/stat, as `statFields` has them. */
const CPU_FIELDS = [11, 12];

test('the way through the edge takes a viewer little longer than the direct one, and little more of the processor', async (t) => {
  const direct = await startDeskwire({ flags: ['--size', SIZE, '--run', CLOCK] });
  t.after(() => direct.stop());
  const fleet = await FleetProcess.start();
  t.after(() => fleet.removeAll());
  const admin = fleet.client();
  const desktop = { name: 'lab-1', size: SIZE, command: CLOCK };
  const made = await admin.post('/api/desktops?wait=60', desktop, { timeoutMs: 90_000 });
  admin.close();
  assert.equal(made.json().state, 'running', made.text());
  const directly = await Viewer.connectWebSocket({ url: direct.url, ca: direct.ca, user: direct.owner });
  const byEdge = await Viewer.connectWebSocket(fleet.target('lab-1'));
  t.after(() => Promise.all([directly.close(), byEdge.close()]));

  await passesOnce(async () => {
    const times = { directly: [] as number[], byEdge: [] as number[] };
    while (times.byEdge.length < FENCES) {
      times.directly.push(await fence(directly));
      times.byEdge.push(await fence(byEdge));
      await sleep(BETWEEN_MS);
    }
    const [shorter, longer] = [median(times.directly)!, median(times.byEdge)!];
    t.diagnostic(`a fence takes ${shorter.toFixed(2)} ms directly, ${longer.toFixed(2)} ms by the edge`);
    return longer > shorter * MOST_TIMES_AS_LONG
      ? `${longer} ms by the edge, ${shorter} ms directly`
      : undefined;
  });

  await passesOnce(async () => {
    const [less, more] = await Promise.all([
      ticksOf(serversOf(direct.pid), directly),
      ticksOf(serversOf(fleet.pid), byEdge),
    ]);
    t.diagnostic(`${FRAMES} frames took ${less * 10} ms of processors directly, ${more * 10} ms by the edge`);
    return more > less * MOST_TIMES_CPU ? `${more} ticks by the edge, ${less} directly` : undefined;
  });
});

async function fence(viewer: Viewer): Promise<number> {
  const fromMs = performance.now();
  await viewer.roundTrip();
  return performance.now() - fromMs;
}

/** The processes below `pid` that are not programs of a desktop. */
const serversOf = (pid: number): number[] =>
  processTree(pid).filter((member) => /^(\S*node|\S*Xvfb)\0/.test(readProc(member, 'cmdline') ?? ''));

/** Processor time that the processes take for a number of a viewer's frames, in hundredths of a second. */
async function ticksOf(pids: readonly number[], viewer: Viewer): Promise<number> {
  const ticks = (): number =>
    pids.reduce(
      (sum, pid) => CPU_FIELDS.reduce((own, field) => own + Number(statFields(pid)?.[field] ?? 0), sum),
      0,
    );
  const before = ticks();
  let frames = 0;
  await viewer.waitForUpdate(
    (_framebuffer, update) => update !== undefined && ++frames >= FRAMES,
    FRAMES_LIMIT_MS,
  );
  return ticks() - before;
}
