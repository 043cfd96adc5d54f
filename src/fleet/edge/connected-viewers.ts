/** Viewers of one desktop that are named. With a larger number, the list of desktops takes more bytes. */
const MOST_NAMED = 50;

/** Someone who is connected to a desktop. */
export interface ConnectedViewer {
  readonly user: string;
  /** As in `get_bottleneck_stats`: 10 is no constraint. */
  readonly cpu: number;
  readonly network: number;
}

/** Reads a desktop's answer to `GET /api/viewers`. Throws if it is none. */
export function readViewers(bytes: Buffer): readonly ConnectedViewer[] {
  const { viewers } = JSON.parse(bytes.toString()) as { readonly viewers: readonly ConnectedViewer[] };
  // The desktop sends more of each.
  return viewers.slice(0, MOST_NAMED).map(({ user, cpu, network }) => ({ user, cpu, network }));
}
