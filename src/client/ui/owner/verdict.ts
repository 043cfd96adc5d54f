/** What is known of a viewer's connection. Numbers are as in `get_bottleneck_stats`. */
export interface ViewerNumbers {
  readonly cpu: number;
  readonly cpuAverage: number;
  readonly network: number;
  readonly networkAverage: number;
  readonly latencyMs: number | undefined;
  /** Time that the viewer took of late to draw a frame, or to ask for it. Undefined if that was not measured. */
  readonly drawingMs: number | undefined;
}

/** What holds a viewer's frames up: the kind of sentence that says so. */
export type Verdict =
  | 'both'
  | 'network'
  | 'cpu'
  | 'drawing'
  | 'networkAtTimes'
  | 'cpuAtTimes'
  | 'far'
  | 'networkBefore'
  | 'cpuBefore'
  | 'fine';

/** Below this, most frames are held up: docs/statistics.md. */
export const LACKING_BELOW = 5;
/** From here on there is nothing to find. */
export const FINE_FROM = 9;
/** Three frames at 60 a second. A smaller value blames old computers for a delay that is not seen. */
const SLOW_DRAWING_MS = 50;
/** A round trip that is felt at each key. A smaller value calls usual mobile links long. */
const FAR_MS = 150;

/** Names what to look at first. What is so now goes before what was, and what the owner can mend before the rest. */
export function verdictOf(viewer: ViewerNumbers): Verdict {
  const { cpu, network, latencyMs = 0, drawingMs = 0 } = viewer;
  if (network < LACKING_BELOW) return cpu < LACKING_BELOW ? 'both' : 'network';
  if (cpu < LACKING_BELOW) return 'cpu';
  if (drawingMs >= SLOW_DRAWING_MS) return 'drawing';
  if (network < FINE_FROM) return 'networkAtTimes';
  if (cpu < FINE_FROM) return 'cpuAtTimes';
  if (latencyMs >= FAR_MS) return 'far';
  if (viewer.networkAverage < LACKING_BELOW) return 'networkBefore';
  if (viewer.cpuAverage < LACKING_BELOW) return 'cpuBefore';
  return 'fine';
}

/** How serious a verdict is, for its colour and for what is chosen first. */
export type Level = 'bad' | 'warn' | 'good';

const BAD: readonly Verdict[] = ['both', 'network', 'cpu', 'drawing'];
const GOOD: readonly Verdict[] = ['fine', 'networkBefore', 'cpuBefore'];

export const levelOf = (verdict: Verdict): Level =>
  BAD.includes(verdict) ? 'bad' : GOOD.includes(verdict) ? 'good' : 'warn';
