import { setPriority } from 'node:os';
import { serveParent } from '../../bench/ipc.ts';
import { DrawingViewer, type DrawnReport } from './drawing-viewer.ts';
import type { WebSocketTarget } from './transport-websocket.ts';
import { Viewer, type ViewerOptions } from './viewer.ts';

/** A viewer to be opened. */
export interface DrawingViewerOptions {
  readonly target: WebSocketTarget;
  readonly encodings: readonly number[];
  /** Whether it requests each update, or takes continuous ones. */
  readonly updates: Exclude<ViewerOptions['updates'], 'none' | undefined>;
  /** As in DrawingViewer. */
  readonly unitUs?: number;
}

/** Calls that the process of a viewer answers. It takes all bytes at once, and decodes no pixels. */
export interface DrawingViewerCalls {
  connect(options: DrawingViewerOptions): Promise<void>;
  /** Sets how long drawing an update takes. */
  draw(ms: number): Promise<void>;
  /** Number of updates so far, and what it told the server of some of them. */
  seen(): Promise<{ readonly updates: number; readonly reports: readonly DrawnReport[] }>;
}

/** A busy machine must not make the viewer, or its link, seem slow. Only root may ask for this. */
const PRIORITY = -15;

let drawing: DrawingViewer;

serveParent<DrawingViewerCalls>({
  async connect({ target, encodings, updates, unitUs }) {
    try {
      setPriority(PRIORITY);
    } catch {
      // Not root.
    }
    const isContinuous = updates === 'continuous';
    const viewer = await Viewer.connectWebSocket(target, {
      encodings,
      updates: isContinuous ? 'continuous' : 'none',
      decode: false,
    });
    drawing = new DrawingViewer(viewer, unitUs);
    if (!isContinuous) viewer.requestUpdate(false);
  },
  async draw(ms) {
    drawing.drawMs = ms;
  },
  async seen() {
    const { updates, reports } = drawing;
    return { updates, reports };
  },
});
