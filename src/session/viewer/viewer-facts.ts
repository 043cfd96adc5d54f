import type { EncodeProfile } from '../../encode/plan/profile.ts';
import type { Size } from '../../pixels/rect.ts';
import { notice } from '../../protocol/server-messages.ts';
import type { ViewerSettings } from '../../protocol/settings-from-encodings.ts';
import type { Bottleneck } from '../../stats/bottleneck.ts';
import type { ViewerParts } from './message-handlers.ts';

/** What an owner is told of one viewer. */
export interface ViewerFacts {
  readonly read: boolean;
  readonly write: boolean;
  /** Deskwire's page, KasmVNC's, or another viewer. */
  readonly client: 'deskwire' | 'kasmvnc' | 'other';
  /** Encodings that its picture may have, by the names of RFB. */
  readonly encodings: readonly string[];
  /** Its framebuffer. */
  readonly size: Size;
  /** Whether it is in video mode. */
  readonly hasVideo: boolean;
  /** Updates of the last seconds, per second. */
  readonly fps: number;
  readonly bytesPerSecond: number;
  /** The last measured round trip, in milliseconds. Undefined for a viewer without fences. */
  readonly latencyMs: number | undefined;
  readonly bottleneck: Bottleneck;
}

export function viewerFacts(
  { capabilities, picture, rights, sender }: ViewerParts,
  size: Size,
  nowMs: number,
): ViewerFacts {
  const { settings } = capabilities;
  const { read, write } = rights();
  const { updates, bytes } = sender.sendRate(nowMs);
  return {
    ...{ read, write, size },
    client: settings.ours ? 'deskwire' : settings.kasm ? 'kasmvnc' : 'other',
    encodings: encodingNames(settings, picture.profile),
    hasVideo: picture.video.isOn,
    fps: updates,
    bytesPerSecond: bytes,
    latencyMs: sender.flow.congestion.lastRoundTripMs,
    bottleneck: sender.bottleneck(nowMs),
  };
}

/** Shows the user of a viewer a sentence. Returns false if the viewer has no place for it: only our page has. */
export function showSentence({ capabilities, sender }: ViewerParts, text: string): boolean {
  if (!capabilities.settings.ours) return false;
  sender.outbox.message(notice(text));
  return true;
}

/** The encodings of pictures that a viewer can be sent. */
function encodingNames(
  { encoding, zstd, copyRect }: ViewerSettings,
  { lossy, webp }: Pick<EncodeProfile, 'lossy' | 'webp'>,
): string[] {
  const isTight = encoding === 'tight';
  return [
    encoding,
    ...(isTight && lossy ? ['jpeg'] : []),
    ...(isTight && webp ? ['webp'] : []),
    ...(isTight && zstd ? ['zstd'] : []),
    ...(copyRect ? ['copyrect'] : []),
  ];
}
