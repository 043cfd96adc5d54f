/** One process of a frame: whole milliseconds as KasmVNC has them, and the exact microseconds beside them. */
export interface ProcessTime {
  readonly process_name: string;
  readonly time: number;
  readonly time_us: number;
}

export interface EncoderTime extends ProcessTime {
  /** Rects encoded. */
  readonly count: number;
  /** Their pixels in all. */
  readonly area: number;
}

export interface EncodingTotal extends ProcessTime {
  readonly videoscaling: number;
  readonly videoscaling_us: number;
}

export interface ClientSide {
  readonly client: string;
  readonly client_time: number;
  readonly client_time_us: number;
  readonly client_wait_us: number;
  readonly ping: number;
  readonly ping_us: number;
  readonly processes: readonly ProcessTime[];
}

/** The answer of get_frame_stats. */
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
}
