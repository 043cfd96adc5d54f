import { arch, cpus, freemem, loadavg, totalmem } from 'node:os';
import { PSEUDO_STREAMING_JPEG_WEBP } from '../../protocol/constants.ts';
import { bottleneckStats, networkStats, systemStats, videoCodecs } from '../../protocol/server-messages.ts';
import type { Bottleneck } from '../../stats/bottleneck.ts';
import type { CongestionWindow } from '../link/congestion.ts';
import type { LimitedAnswers } from './limited-answers.ts';

type Question = 'requestBottleneckStats' | 'networkStats' | 'systemStats' | 'videoCodecs';

export interface KasmAnswersOptions {
  readonly congestion: Pick<CongestionWindow, 'lastRoundTripMs' | 'roundTripMs' | 'rate'>;
  readonly limit: LimitedAnswers;
  bottleneck(): Bottleneck;
  /**
   * Sends a message in a WebSocket message of its own. After some of them KasmVNC's page reads nothing before the next
   * WebSocket message, and it loses its place in others if they come in two pieces.
   */
  sendAlone(message: Uint8Array): void;
}

/**
 * Answers the questions that only KasmVNC's page asks. It may also ask for relays: those requests are not answered,
 * since the server has none, and the page does no more than log the answer.
 */
export class KasmAnswers {
  readonly #options: KasmAnswersOptions;

  constructor(options: KasmAnswersOptions) {
    this.#options = options;
  }

  /** Answers a question, a few times a second at most. */
  answer(question: Question): void {
    const { limit, sendAlone } = this.#options;
    limit.ask(question, () => sendAlone(this.#answerTo(question)));
  }

  close(): void {
    this.#options.limit.close();
  }

  #answerTo(question: Question): Uint8Array {
    const { bottleneck, congestion } = this.#options;
    switch (question) {
      case 'requestBottleneckStats':
        return bottleneckStats(`[ ${bottleneck().map(oneDecimal).join(', ')} ]`);
      case 'networkStats':
        return networkStats(JSON.stringify(networkNumbers(congestion)));
      case 'systemStats':
        return systemStats(JSON.stringify(systemNumbers()));
      case 'videoCodecs':
        return videoCodecs([PICTURES]);
    }
  }
}

/** The only streaming mode: a viewer is sent pictures, whatever else it supports. */
const PICTURES = { mode: PSEUDO_STREAMING_JPEG_WEBP, minQuality: 0, maxQuality: 9, presets: [] };

const oneDecimal = (value: number): string => value.toFixed(1);

/** `[jitter, ping, bandwidth]`: milliseconds beyond the shortest round trip, milliseconds, and bytes a second. */
function networkNumbers({ lastRoundTripMs, roundTripMs, rate }: KasmAnswersOptions['congestion']): number[] {
  const ping = lastRoundTripMs ?? 0;
  const jitter = Math.max(0, ping - roundTripMs);
  return [Math.round(jitter), Math.round(ping), Math.round((rate ?? 0) * 1000)];
}

/** Asked for once: Linux reads several files for each processor. */
let processors: number | undefined;

function systemNumbers(): object {
  processors ??= cpus().length;
  return {
    arch: arch(),
    cpus: processors,
    load: loadavg(),
    memory: { total: totalmem(), free: freemem() },
  };
}
