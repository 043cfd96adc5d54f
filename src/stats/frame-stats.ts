/** Time of one process of a frame: whole milliseconds as in KasmVNC, and exact microseconds. */
interface ProcessTime {
  readonly process_name: string;
  readonly time: number;
  readonly time_us: number;
}

interface EncoderTime extends ProcessTime {
  /** Number of encoded rects. */
  readonly count: number;
  /** Number of their pixels. */
  readonly area: number;
}

interface EncodingTotal extends ProcessTime {
  /** Part of it in which video was scaled down. */
  readonly videoscaling: number;
  readonly videoscaling_us: number;
}

interface ClientSide {
  readonly client: string;
  readonly client_time: number;
  readonly client_time_us: number;
  readonly client_wait_us: number;
  readonly ping: number;
  readonly ping_us: number;
  readonly processes: readonly ProcessTime[];
}

interface StartSide {
  readonly client: string;
  readonly frames: number;
  readonly server_time: number;
  readonly server_time_us: number;
  readonly slowest_time: number;
  readonly slowest_time_us: number;
  readonly picture_time: number | null;
  readonly picture_time_us: number | null;
}

/** Answer of get_frame_stats. */
export interface FrameStats {
  readonly frame: {
    readonly resx: number;
    readonly resy: number;
    readonly changed: number;
    readonly server_time: number;
    readonly server_time_us: number;
  };
  readonly server_side: readonly (ProcessTime | EncoderTime | EncodingTotal)[];
  readonly client_side: readonly ClientSide[];
  readonly start_up: readonly StartSide[];
}

/** Work of one encoder in one frame. */
export interface EncoderWork {
  /** CPU time over all threads, in microseconds. */
  readonly cpuUs: number;
  readonly count: number;
  readonly areaPx: number;
}

/** One frame as the server measured it. Times are in microseconds. */
export interface FrameTiming {
  readonly width: number;
  readonly height: number;
  readonly changedPx: number;
  readonly serverUs: number;
  readonly analysisUs: number;
  readonly screenshotUs: number;
  readonly encodingUs: number;
  /** Part of `encodingUs` in which one or more threads scaled video down. */
  readonly videoScalingUs: number;
  readonly encoders: ReadonlyMap<string, EncoderWork>;
}

/** The same frame as one viewer measured it. Times are in microseconds. */
export interface ClientTiming {
  readonly client: string;
  readonly allUs: number;
  readonly renderUs: number;
  readonly waitUs: number;
  readonly pingUs: number;
}

/** The frames of one viewer's start, which get_bottleneck_stats does not count. Times are in microseconds. */
export interface StartTiming {
  readonly client: string;
  readonly frames: number;
  /** Time from the start of a capture to the last encoded byte, summed over the frames, and that of the slowest one. */
  readonly serverUs: number;
  readonly slowestUs: number;
  /** Time from the connection until the viewer was sent the whole picture. Undefined if it was not. */
  readonly pictureUs: number | undefined;
}

/** Encoders that every answer lists, even without work, as KasmVNC does. */
const ALWAYS_LISTED = ['TightJPEGEncoder', 'TightWEBPEncoder'];

const NO_WORK: EncoderWork = { cpuUs: 0, count: 0, areaPx: 0 };

const wholeMs = (us: number): number => Math.round(us / 1000);

function processTime(name: string, us: number): ProcessTime {
  return { process_name: name, time: wholeMs(us), time_us: Math.round(us) };
}

/** Converts a measured frame to the form of get_frame_stats. */
export function assembleFrameStats(
  frame: FrameTiming,
  clients: readonly ClientTiming[],
  starts: readonly StartTiming[],
): FrameStats {
  const names = new Set([...ALWAYS_LISTED, ...frame.encoders.keys()]);
  const framePx = frame.width * frame.height;
  return {
    frame: {
      resx: frame.width,
      resy: frame.height,
      changed: framePx === 0 ? 0 : Math.min(100, Math.round((frame.changedPx * 100) / framePx)),
      server_time: wholeMs(frame.serverUs),
      server_time_us: Math.round(frame.serverUs),
    },
    server_side: [
      processTime('Analysis', frame.analysisUs),
      processTime('Screenshot', frame.screenshotUs),
      {
        ...processTime('Encoding_total', frame.encodingUs),
        videoscaling: wholeMs(frame.videoScalingUs),
        videoscaling_us: Math.round(frame.videoScalingUs),
      },
      ...[...names].map((name) => {
        const work = frame.encoders.get(name) ?? NO_WORK;
        return { ...processTime(name, work.cpuUs), count: work.count, area: work.areaPx };
      }),
    ],
    client_side: clients.map(({ client, allUs, renderUs, waitUs, pingUs }) => ({
      client,
      client_time: wholeMs(allUs),
      client_time_us: allUs,
      client_wait_us: waitUs,
      ping: wholeMs(pingUs),
      ping_us: pingUs,
      processes: [processTime('scanRenderQ', renderUs)],
    })),
    start_up: starts.map(({ client, frames, serverUs, slowestUs, pictureUs }) => ({
      client,
      frames,
      server_time: wholeMs(serverUs),
      server_time_us: Math.round(serverUs),
      slowest_time: wholeMs(slowestUs),
      slowest_time_us: Math.round(slowestUs),
      picture_time: pictureUs === undefined ? null : wholeMs(pictureUs),
      picture_time_us: pictureUs === undefined ? null : Math.round(pictureUs),
    })),
  };
}
