import type { ViewerReading } from './statistics-source.ts';
import { FINE_FROM, type Verdict } from './verdict.ts';

/** A viewer with what was found. */
export interface Judged {
  readonly reading: ViewerReading;
  readonly verdict: Verdict;
}

const lowest = ({ reading }: Judged): number => Math.min(reading.cpu, reading.network);

/** The viewers, those first whose frames are held up most. */
const byTrouble = (judged: readonly Judged[]): Judged[] => judged.toSorted((a, b) => lowest(a) - lowest(b));

/** The viewer that is held up most. */
export const worstOf = (judged: readonly Judged[]): Judged | undefined => byTrouble(judged)[0];

/** Viewers whose trouble is said. More sentences hide the numbers. */
const MOST_SENTENCES = 4;

/** What is wrong with the server is wrong for all. */
const SERVERS: readonly Verdict[] = ['cpu', 'cpuAtTimes'];

/** Picks the viewers to say a sentence about: the chosen one, then others that are held up. */
export function saidAbout(judged: readonly Judged[], chosen: Judged | undefined): Judged[] {
  const said = chosen ? [chosen] : [];
  for (const one of byTrouble(judged)) {
    if (one === chosen || lowest(one) >= FINE_FROM || said.length === MOST_SENTENCES) continue;
    const isServers = SERVERS.includes(one.verdict);
    if (isServers && said.some(({ verdict }) => SERVERS.includes(verdict) || verdict === 'both')) continue;
    said.push(one);
  }
  return said;
}
