import type { Size } from '../../src/pixels/rect.ts';
import { FleetProcess } from '../../test/support/fleet-process.ts';
import { processTree, readProc } from '../../test/support/process-tree.ts';
import { xEnvironmentOf } from '../../test/support/x-environment.ts';
import type { Peer } from './peer.ts';

const DESKTOP = 'hop';

/** Time in ms that the desktop has to start on a busy machine. */
const START_LIMIT_MS = 70_000;

/** Starts a fleet with one desktop, which shows only what the bench paints. Viewers reach it through the edge. */
export async function startFleetPeer({
  width,
  height,
}: Size): Promise<Peer & { readonly desktopPid: number }> {
  const fleet = await FleetProcess.start();
  try {
    const admin = fleet.client();
    const made = await admin.post(
      '/api/desktops?wait=60',
      { name: DESKTOP, size: `${width}x${height}`, command: 'true' },
      { timeoutMs: START_LIMIT_MS },
    );
    admin.close();
    if (made.json().state !== 'running') throw new Error(`The desktop did not start: ${made.text()}`);
    const desktopPid = desktopOf(fleet.pid);
    const x = xEnvironmentOf(desktopPid);
    if (x.DISPLAY === undefined) throw new Error('The desktop has no X server.');
    return {
      name: 'edge',
      pid: fleet.pid,
      desktopPid,
      display: x.DISPLAY,
      environment: { ...process.env, ...x },
      target: { kind: 'websocket', ...fleet.target(DESKTOP) },
      close: () => fleet.removeAll(),
    };
  } catch (error) {
    await fleet.removeAll();
    throw error;
  }
}

/** The server of the only desktop of a fleet. */
function desktopOf(fleetPid: number): number {
  const found = processTree(fleetPid).find((pid) => readProc(pid, 'cmdline')?.includes('--edge-key-file'));
  if (found === undefined) throw new Error('The fleet has no desktop.');
  return found;
}
