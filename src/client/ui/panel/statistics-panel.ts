import { callApi } from '../../api/call-api.ts';
import { loadOwnerTexts } from '../../text/owner-texts.ts';
import { h } from '../dom.ts';
import { bandwidth, decimal, milliseconds, short } from '../owner/format.ts';
import { type Judged, saidAbout, worstOf } from '../owner/judged.ts';
import { pollServer } from '../owner/look.ts';
import { Outcome } from '../owner/outcome.ts';
import { StageChart } from '../owner/stage-chart.ts';
import { History, STAGES, summarise } from '../owner/stages.ts';
import statisticsStyles from '../owner/statistics.css' with { type: 'text' };
import {
  type OwnConnection,
  ownersSource,
  ownSource,
  type StatisticsSource,
  type ViewerReading,
} from '../owner/statistics-source.ts';
import { statisticsText as text } from '../owner/statistics-text.ts';
import { useStyles } from '../owner/styles.ts';
import { verdictOf } from '../owner/verdict.ts';
import { verdictSentence } from '../owner/verdict-sentence.ts';
import { ViewerTable } from '../owner/viewer-table.ts';
import type { Panel } from '../panels.ts';

/**
 * Milliseconds from one reading to the next: 30 columns in the chart's minute. A larger value misses short troubles; a
 * smaller one costs each viewer more measured frames.
 */
const READ_EVERY_MS = 2000;

/** Frames from which a viewer's time for drawing is judged. A larger number reacts later. */
const JUDGED_FRAMES = 5;

interface StatisticsPanelOptions {
  /** The connection of this page. */
  readonly connection: OwnConnection;
  /** Whether the user may see all connections. */
  isOwner(): boolean;
}

/** Why it is slow: the numbers of a connection, a sentence that says what they mean, and the steps of its frames. */
export async function statisticsPanel({ connection, isOwner }: StatisticsPanelOptions): Promise<Panel> {
  await loadOwnerTexts();
  useStyles(statisticsStyles);
  const owners = ownersSource(callApi);
  const own = ownSource(connection);
  const sourceNow = (): StatisticsSource => (isOwner() ? owners : own);
  const outcome = new Outcome();
  const sentences = h('div', { class: 'verdicts', role: 'status' });
  const facts = h('dl', { class: 'facts' });
  const none = h('p', { class: 'none', hidden: true });
  const body = h('div', { class: 'statistics' });
  const histories = new Map<string, History>();
  let source = sourceNow();
  let chart = createChart(source);
  let chosen = '';
  let judged: readonly Judged[] = [];
  const table = new ViewerTable((id) => {
    chosen = id;
    show();
  });

  const take = (readings: readonly ViewerReading[]): void => {
    const atMs = performance.now();
    for (const id of [...histories.keys()])
      if (!readings.some((reading) => reading.id === id)) histories.delete(id);
    judged = readings.map((reading) => {
      const history = histories.get(reading.id) ?? new History();
      histories.set(reading.id, history);
      if (reading.frame) history.add({ atMs, times: reading.frame });
      return { reading, verdict: verdictOf({ ...reading, drawingMs: drawingMs(history) }) };
    });
    if (!judged.some(({ reading }) => reading.id === chosen)) chosen = worstOf(judged)?.reading.id ?? '';
    show();
  };

  const show = (): void => {
    const one = judged.find(({ reading }) => reading.id === chosen);
    const isOwn = source.stages.length < STAGES.length;
    none.textContent = text(isOwn ? 'notConnected' : 'nobody');
    none.hidden = one !== undefined;
    table.element.hidden = isOwn || one === undefined;
    facts.hidden = one === undefined;
    chart.element.hidden = one === undefined;
    table.show(
      judged.map(({ reading }) => reading),
      chosen,
    );
    setSentences(sentences, judged, one);
    if (!one) return;
    showFacts(facts, one.reading);
    chart.show(histories.get(one.reading.id)!.samples, performance.now());
  };

  const poll = pollServer(async (signal) => take(await source.read(signal)), READ_EVERY_MS, outcome);
  return {
    title: 'statistics',
    isWide: true,
    content: [body],
    onOpen() {
      // The user may have become an owner, or be one no longer.
      const next = sourceNow();
      if (next !== source) {
        source = next;
        chart = createChart(source);
        histories.clear();
        judged = [];
      }
      body.replaceChildren(
        sentences,
        none,
        table.element,
        facts,
        chart.element,
        h('p', { class: 'why' }, text('scale')),
        outcome.element,
      );
      outcome.clear();
      poll.start();
    },
    onClose: () => poll.stop(),
  };
}

/** What was measured of drawing in the last frames. One slow frame is no slow viewer. */
function drawingMs({ samples }: History): number | undefined {
  const summary = summarise(samples.slice(-JUDGED_FRAMES));
  if (summary === undefined || samples.length < JUDGED_FRAMES) return undefined;
  return summary[STAGES.indexOf('draw')]!.mean + summary[STAGES.indexOf('busy')]!.mean;
}

/** Says what holds up the chosen viewer, and others. */
function setSentences(element: HTMLElement, judged: readonly Judged[], chosen: Judged | undefined): void {
  const next = saidAbout(judged, chosen).map(verdictSentence);
  // A reader for blind users says each change.
  const isSame =
    next.length === element.childElementCount &&
    next.every((sentence, i) => sentence.isEqualNode(element.children[i]!));
  if (!isSame) element.replaceChildren(...next);
}

function showFacts(element: HTMLElement, reading: ViewerReading): void {
  const withAverage = (value: number, average: number): string =>
    `${decimal(value)}, ${text('average', { value: decimal(average) })}`;
  const { fps, bytesPerSecond, latencyMs } = reading;
  const facts = [
    [text('fps'), short(fps)],
    [text('bandwidth'), bandwidth(bytesPerSecond)],
    [text('latency'), latencyMs === undefined ? text('noValue') : milliseconds(latencyMs)],
    [text('serverNumber'), withAverage(reading.cpu, reading.cpuAverage)],
    [text('linkNumber'), withAverage(reading.network, reading.networkAverage)],
  ] as const;
  element.replaceChildren(
    ...facts.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
  );
}

function createChart({ stages }: StatisticsSource): StageChart {
  const texts = {
    title: text('chart'),
    stages: {
      capture: text('capture'),
      compare: text('compare'),
      encode: text('encode'),
      queue: text('queue'),
      busy: text('busy'),
      link: text('link'),
      draw: text('draw'),
    },
    stage: text('stage'),
    last: text('last'),
    mean: text('mean'),
    most: text('most'),
    table: text('chartTable'),
    none: text('chartNone'),
    minuteAgo: text('minuteAgo'),
    now: text('now'),
    summary: (total: string, stage: string) => text('chartSummary', { total, stage }),
  };
  return new StageChart(texts, stages);
}
