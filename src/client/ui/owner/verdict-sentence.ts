import { h } from '../dom.ts';
import { milliseconds } from './format.ts';
import type { Judged } from './judged.ts';
import { nameOf, phrase } from './phrase.ts';
import { statisticsText as text } from './statistics-text.ts';
import { levelOf } from './verdict.ts';

/** Step of the latency in a sentence. With a smaller one, a reader for blind users says it again and again. */
const FAR_STEP_MS = 50;

/** The sentence that says what holds a viewer up, and what helps. */
export function verdictSentence({ reading, verdict }: Judged): HTMLElement {
  const { user, latencyMs = 0 } = reading;
  const template = text(user === undefined ? `${verdict}Own` : verdict);
  const roundedMs = Math.round(latencyMs / FAR_STEP_MS) * FAR_STEP_MS;
  const values = { user: nameOf(user ?? ''), ms: milliseconds(roundedMs) };
  return h('p', { class: 'verdict', 'data-level': levelOf(verdict) }, ...phrase(template, values));
}
