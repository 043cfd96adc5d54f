import { arch, cpus, freemem, loadavg, totalmem } from 'node:os';
import { PSEUDO_STREAMING_JPEG_WEBP } from '../../protocol/constants.ts';
import {
  bottleneckStats,
  networkStats,
  relayAnswer,
  systemStats,
  videoCodecs,
} from '../../protocol/server-messages.ts';
import type { Bottleneck } from '../../stats/bottleneck.ts';
import type { CongestionWindow } from '../link/congestion.ts';
import type { LimitedAnswers } from './limited-answers.ts';

type Question = 'requestBottleneckStats' | 'networkStats' | 'systemStats';

export interface KasmAnswersOptions {
  readonly congestion: Pick<CongestionWindow, 'lastRoundTripMs' | 'roundTripMs' | 'rate'>;
  readonly limit: LimitedAnswers;
  bottleneck(): Bottleneck;
  send(message: Uint8Array): void;
}

/** Answers the questions that only KasmVNC's page asks. */
export class KasmAnswers {
  readonly #options: KasmAnswersOptions;

  constructor(options: KasmAnswersOptions) {
    this.#options = options;
  }

  /** Answers a question about numbers, a few times a second at most. */
  answerNumbers(question: Question): void {
    const { limit, send } = this.#options;
    limit.ask(question, () => send(this.#numbers(question)));
  }

  /** Refuses a subscription: the server has no relays. */
  refuseRelay(name: string): void {
    this.#options.send(relayAnswer(false, `There is no relay ${name}.`));
  }

  /** Offers no video codec: a viewer gets pictures, whatever else it supports. */
  offerCodecs(): void {
    const pictures = { mode: PSEUDO_STREAMING_JPEG_WEBP, minQuality: 0, maxQuality: 9, presets: [] };
    this.#options.send(videoCodecs([pictures]));
  }

  close(): void {
    this.#options.limit.close();
  }

  #numbers(question: Question): Uint8Array {
    const { bottleneck, congestion } = this.#options;
    switch (question) {
      case 'requestBottleneckStats':
        return bottleneckStats(`[ ${bottleneck().map(oneDecimal).join(', ')} ]`);
      case 'networkStats':
        return networkStats(JSON.stringify(networkNumbers(congestion)));
      case 'systemStats':
        return systemStats(JSON.stringify(systemNumbers()));
    }
  }
}

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
