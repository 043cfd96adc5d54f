import { arch, cpus, freemem, loadavg, totalmem } from 'node:os';
import type { ClientMessage } from '../../protocol/client-messages.ts';
import { PSEUDO_STREAMING_JPEG_WEBP } from '../../protocol/constants.ts';
import {
  bottleneckStats,
  networkStats,
  relayAnswer,
  systemStats,
  videoCodecs,
} from '../../protocol/server-messages.ts';
import type { Bottleneck } from '../../stats/bottleneck.ts';
import type { ViewerFlow } from '../link/flow.ts';

/** What the answers are read from. */
interface Asked {
  readonly flow: ViewerFlow;
  bottleneck(nowMs: number): Bottleneck;
}

/** Answers what only KasmVNC's page asks; undefined where nothing is to be said. */
export function answerKasm(message: ClientMessage, viewer: Asked): Uint8Array | undefined {
  switch (message.type) {
    case 'requestBottleneckStats':
      return bottleneckStats(`[ ${viewer.bottleneck(performance.now()).map(oneDecimal).join(', ')} ]`);
    case 'networkStats':
      return networkStats(JSON.stringify(networkNumbers(viewer.flow)));
    case 'systemStats':
      return systemStats(JSON.stringify(systemNumbers()));
    case 'subscribeRelay':
      return relayAnswer(false, `There is no relay ${message.name}.`);
    case 'videoCodecs':
      // No video codec: JPEG pictures, whatever the viewer could do besides.
      return videoCodecs([{ mode: PSEUDO_STREAMING_JPEG_WEBP, minQuality: 0, maxQuality: 9, presets: [] }]);
    default:
      // Keep-alives, relays nobody subscribed to, UDP: read, and dropped.
      return undefined;
  }
}

const oneDecimal = (value: number): string => value.toFixed(1);

/** `[jitter, ping, bandwidth]`: ms beyond the least round trip, ms, and bytes a second. */
function networkNumbers({ congestion }: ViewerFlow): number[] {
  const ping = congestion.lastRoundTripMs ?? 0;
  const jitter = Math.max(0, ping - congestion.roundTripMs);
  return [Math.round(jitter), Math.round(ping), Math.round((congestion.rate ?? 0) * 1000)];
}

function systemNumbers(): object {
  return {
    arch: arch(),
    cpus: cpus().length,
    load: loadavg(),
    memory: { total: totalmem(), free: freemem() },
  };
}
