import type { Caller } from '../accounts/pass.ts';
import type { PictureFormat } from '../encode/make/picture.ts';
import type { Rect } from '../pixels/rect.ts';
import type { Bottleneck } from '../stats/bottleneck.ts';
import type { FrameCounters } from '../stats/frame-counters.ts';
import type { FrameStats } from '../stats/frame-stats.ts';
import type { SessionControls } from './controls.ts';
import type { Onlooker } from './dlp/overlays.ts';
import type { SessionError } from './errors.ts';
import type { ViewerTransport } from './viewer/transport.ts';

/** The connections whose client side get_frame_stats reports. */
export type ClientChoice =
  | { readonly kind: 'auto'; readonly owner: string }
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly id: string };

export interface ScreenshotRequest {
  readonly width: number | undefined;
  readonly height: number | undefined;
  /** Tight quality level 0-9, without effect on a PNG. */
  readonly quality: number;
  readonly format: PictureFormat;
  readonly crop: Rect | undefined;
  readonly cursor: boolean;
  /** Who is shown the picture: it has their watermark, and conceals what is concealed for them. */
  readonly onlooker: Onlooker;
}

export interface Screenshot {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Digest of `bytes`, for conditional requests. */
  readonly tag: string;
}

/**
 * Where a viewer comes from. A WebSocket's login is that of HTTP, and RFB's handshake follows. At the RFB port, the
 * login is a part of that handshake, so ClientInit follows.
 */
export type ViewerDoor = 'websocket' | 'rfb';

/** A connection to the session, as the API lists it. */
export interface Connection {
  /** `<ip>_<unix seconds>.<microseconds>::websocket`, or `::rfb` */
  readonly id: string;
  readonly user: string;
  readonly connectedSince: Date;
}

/** A session at one moment, and its totals since the start. */
export interface SessionMetrics {
  readonly isDesktopUp: boolean;
  /** `seat` is a small number that a connection keeps, and that another one has later. */
  readonly viewers: readonly {
    readonly user: string;
    readonly seat: number;
    readonly cpu: number;
    readonly network: number;
  }[];
  readonly frames: Pick<FrameCounters, 'stages' | 'sent'>;
  readonly encoder: { readonly threads: number; readonly waiting: number; readonly running: number };
  /** Bytes of the shared frame. */
  readonly frameBytes: number;
}

/** One desktop shared by its viewers. */
export interface Session {
  /** Takes over an authenticated viewer connection that came from `ip`, by default before the RFB handshake. */
  attach(transport: ViewerTransport, user: Caller, ip: string, door?: ViewerDoor): void;
  /**
   * A viewer is about to connect, such as one whose page has just been given a ticket. What its first picture needs and
   * takes long is begun now.
   */
  expectViewer(): void;
  /** Looks which tokens and tickets of viewers have ended, or leave other rights, and applies that. */
  passesChanged(): void;
  /** Connections, oldest first. */
  connections(): Connection[];
  /** By user, then by connection. */
  bottleneckStats(): Record<string, Record<string, Bottleneck>>;
  metrics(): SessionMetrics;
  /**
   * Measures one frame. Rejects with SessionError `SESSION_NO_SUCH_CLIENT` for an id that is not connected, or with a
   * DesktopError if no frame can be captured within some seconds.
   */
  frameStats(client: ClientChoice): Promise<FrameStats>;
  /** The same of the next frame that a viewer is sent within `limitMs`. Makes none: undefined if there is none. */
  nextFrameStats(client: ClientChoice, limitMs: number): Promise<FrameStats | undefined>;
  /** The screen as it is after this call. Rejects with SessionError `SESSION_BAD_CROP` if the crop is outside. */
  screenshot(request: ScreenshotRequest): Promise<Screenshot>;
  /** Queues the whole screen for every viewer with the right to read. Resolves when it is queued. */
  sendFullFrame(): Promise<void>;
  /** What an owner does with the viewers and the desktop. */
  readonly controls: SessionControls;
  /** The reason why a viewer of this user would be refused now; undefined if there is none. */
  refusal(user: string): SessionError | undefined;
  /** Clears the desktop's selections, and the clipboard of every viewer with the right to write. */
  clearClipboard(): Promise<void>;
  /** Whether the desktop answers at this moment. Resolves within seconds. Callers without a login may ask this. */
  isReady(): Promise<boolean>;
  /** Whether `close` has been called. */
  readonly isClosed: boolean;
  /** Ends every connection with a reason, then the session's own threads. */
  close(reason: string): Promise<void>;
}
