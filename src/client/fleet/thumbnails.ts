import { sessionHeaders } from '../api/session-key.ts';
import type { DesktopCard } from './desktop-card.ts';

/** Longest wait for a picture in ms. With a larger value, a desktop that hangs delays the others. */
const ANSWER_TIMEOUT_MS = 5000;

/** Fetches the pictures of the desktops that can be seen, each only if it has changed. */
export class Thumbnails {
  readonly #baseUrl: URL;
  readonly #tags = new Map<string, string>();
  readonly #seen = new Set<Element>();
  readonly #observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries)
      if (isIntersecting) this.#seen.add(target);
      else this.#seen.delete(target);
  });

  constructor(baseUrl: URL) {
    this.#baseUrl = baseUrl;
  }

  add(card: DesktopCard): void {
    this.#observer.observe(card.element);
  }

  drop(name: string, card: DesktopCard): void {
    this.#observer.unobserve(card.element);
    this.#seen.delete(card.element);
    this.#tags.delete(name);
  }

  /** Fetches one picture. */
  async refresh(name: string, card: DesktopCard, signal: AbortSignal): Promise<void> {
    if (!this.#seen.has(card.element)) return;
    const tag = this.#tags.get(name);
    const response = await fetch(new URL(`d/${name}/thumbnail`, this.#baseUrl), {
      mode: 'same-origin',
      cache: 'no-store',
      headers: { ...sessionHeaders(this.#baseUrl), ...(tag !== undefined && { 'If-None-Match': tag }) },
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
    }).catch(() => undefined);
    if (response?.status !== 200) return;
    const bytes = await response.blob().catch(() => undefined);
    if (bytes === undefined) return;
    this.#tags.set(name, response.headers.get('etag') ?? '');
    card.picture(bytes);
  }
}
