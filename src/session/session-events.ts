import { afterReal } from '../common/after.ts';
import type { Desktop } from '../desktop/desktop.ts';
import { DesktopError } from '../desktop/errors.ts';
import type { EventSink, EventViewer } from '../events/event.ts';
import type { DirtyTiles } from '../pixels/dirty-tiles.ts';
import { type Size, sameSize } from '../pixels/rect.ts';
import { type ClipboardContent, MIME_TYPES } from '../protocol/clipboard-content.ts';
import { BottleneckWatch, type RatedViewer } from './screen/bottleneck-watch.ts';
import { ScreenWatch } from './screen/screen-watch.ts';

/** A viewer, as events name it. */
interface NamedViewer extends RatedViewer {
  readonly user: string;
  readonly address: string;
}

/** Where the session reports what happened. Publishes it as events. */
export interface SessionEvents {
  /** A viewer has completed the handshake. */
  joined(viewer: NamedViewer): void;
  /** A viewer that had joined is gone. */
  left(viewer: NamedViewer): void;
  /** A capture has found these changes. */
  changed(tiles: DirtyTiles): void;
  resized(size: Size): void;
  /** The clipboard has another content, set by a viewer unless it is undefined. */
  clipboard(content: ClipboardContent, viewer?: NamedViewer): void;
  close(): void;
}

export interface SessionEventsOptions {
  readonly events: EventSink;
  readonly desktop: Desktop;
  viewers(): Iterable<NamedViewer>;
  /** Whether something may have been drawn that no capture has found yet. */
  hasDamage(): boolean;
  /** Captures even if no viewer is ready. */
  look(): void;
}

/** Publishes what happens in a session. Watches the screen and the bottlenecks only while somebody reads events. */
export function createSessionEvents(options: SessionEventsOptions): SessionEvents {
  const { events, desktop, viewers, hasDamage, look } = options;
  const clock = { now: () => performance.now(), after: afterReal };
  const screen = new ScreenWatch({
    ...clock,
    changed: () => events.publish({ type: 'screen_changed' }),
    settled: () => events.publish({ type: 'screen_settled' }),
    hasDamage,
    look,
  });
  const bottlenecks = new BottleneckWatch({
    ...clock,
    viewers,
    crossed: (viewer, crossing) =>
      events.publish({ type: 'bottleneck_crossed', ...nameOf(viewer), ...crossing }),
  });
  let size = desktop.size;
  let isClosed = false;
  events.onFollowed(['screen_changed', 'screen_settled', 'resized'], (isFollowed) => {
    if (!isClosed) screen.run(isFollowed);
  });
  events.onFollowed(['bottleneck_crossed'], (isFollowed) => {
    if (!isClosed) bottlenecks.run(isFollowed);
  });
  desktop.on('damage', () => screen.damaged());
  desktop.on('back', () => {
    events.publish({ type: 'desktop_back' });
    screen.damaged();
  });
  desktop.on('lost', (error) => {
    const isGivenUp = error instanceof DesktopError && error.code === 'DESKTOP_GAVE_UP';
    if (!isClosed) events.publish({ type: 'desktop_lost', given_up: isGivenUp });
  });
  return {
    joined: (viewer) => {
      events.publish({ type: 'viewer_joined', ...nameOf(viewer) });
      bottlenecks.viewersChanged();
    },
    left: (viewer) => events.publish({ type: 'viewer_left', ...nameOf(viewer) }),
    changed: (tiles) => screen.changed(tiles),
    resized: (now) => {
      if (sameSize(now, size)) return;
      size = now;
      events.publish({ type: 'resized', width: now.width, height: now.height });
    },
    clipboard: (content, viewer) =>
      events.publish({
        type: 'clipboard_changed',
        formats: [...content.keys()].map((format) => MIME_TYPES[format]),
        connection: viewer?.id ?? null,
        user: viewer?.user ?? null,
      }),
    close: () => {
      isClosed = true;
      screen.run(false);
      bottlenecks.run(false);
    },
  };
}

const nameOf = ({ id, user, address }: NamedViewer): EventViewer => ({ connection: id, user, address });
