import type { DeskwireViewStats } from './view/element-types.ts';

/** Counts what comes over a connection. The clock is passed in. */
export class LinkMeter {
  #sinceMs: number;
  #frames = 0;
  #bytes = 0;
  #renderMs = 0;
  #latencyMs: number | undefined;
  /** Number of the last question, and when it was asked, until the answer is here. */
  #question = 0;
  #askedAtMs: number | undefined;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  received(bytes: number): void {
    this.#bytes += bytes;
  }

  drawn(renderMs: number): void {
    this.#frames++;
    this.#renderMs = Math.max(this.#renderMs, renderMs);
  }

  /** Returns the number of a question to the server, whose answer has the same. Undefined while one is unanswered. */
  ask(nowMs: number): number | undefined {
    if (this.#askedAtMs !== undefined) return undefined;
    this.#askedAtMs = nowMs;
    this.#question = (this.#question + 1) % 256;
    return this.#question;
  }

  answered(question: number, nowMs: number): void {
    if (this.#askedAtMs === undefined || question !== this.#question) return;
    this.#latencyMs = nowMs - this.#askedAtMs;
    this.#askedAtMs = undefined;
  }

  /** Returns what was counted since the last call, and begins anew. */
  take(nowMs: number): DeskwireViewStats {
    const seconds = Math.max(1, nowMs - this.#sinceMs) / 1000;
    const stats = {
      framesPerSecond: this.#frames / seconds,
      bytesPerSecond: this.#bytes / seconds,
      latencyMs: this.#latencyMs,
      renderMs: this.#renderMs,
    };
    this.#sinceMs = nowMs;
    this.#frames = 0;
    this.#bytes = 0;
    this.#renderMs = 0;
    return stats;
  }
}
