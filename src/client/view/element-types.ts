// The types of `deskwire/view`. This file imports nothing: the package carries it as it is.

/** Events of `<deskwire-view>`, by their `detail`. */
export interface DeskwireViewEvents {
  /** The desktop's picture is shown. */
  connected: { readonly name: string };
  /** `reason`: a sentence for the user. `retries`: the view connects again by itself. */
  disconnected: { readonly reason: string; readonly retries: boolean };
  /** The desktop has this size, in pixels. */
  resized: { readonly width: number; readonly height: number };
  /** The desktop has copied something. */
  clipboard: { readonly text: string | undefined; readonly png: Uint8Array | undefined };
  rights: { readonly read: boolean; readonly write: boolean };
  /** A sentence of the server for the user. */
  notice: { readonly text: string };
  /** Once a second, while the page is seen and something listens. */
  stats: DeskwireViewStats;
}

/** The events themselves. */
export type DeskwireViewEventMap = {
  readonly [Name in keyof DeskwireViewEvents]: CustomEvent<DeskwireViewEvents[Name]>;
};

/** What a view measures of its connection, over the last second or so. */
export interface DeskwireViewStats {
  /** Updates that were drawn. */
  readonly framesPerSecond: number;
  readonly bytesPerSecond: number;
  /** Round trip to the server in ms. Undefined until the first answer. */
  readonly latencyMs: number | undefined;
  /** Longest time from the last byte of an update to its last pixel on the canvas, in ms. 0 without an update. */
  readonly renderMs: number;
}

/** A key by the names that `KeyboardEvent` has for it, such as `{ key: 'Delete', code: 'Delete', location: 0 }`. */
export interface DeskwireKey {
  readonly key: string;
  readonly code: string;
  readonly location: number;
}

/** Presets of the picture's quality. */
export type DeskwireQuality = 'low' | 'balanced' | 'sharp' | 'lossless';
