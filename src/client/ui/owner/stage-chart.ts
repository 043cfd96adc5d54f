import { h } from '../dom.ts';
import { type ChartLayout, layOut } from './chart-layout.ts';
import { decimal } from './format.ts';
import { COVERED_MS, type Sample, STAGES, type Stage, type StageSummary, summarise } from './stages.ts';

/** Units of the chart. It is stretched to the panel's width. */
const SIZE = { width: 600, height: 120 };
/** Lines across, and labels at them: the upper edge, and half of it. */
const LINES = [1, 0.5];

export interface StageChartTexts {
  readonly title: string;
  readonly stages: Readonly<Record<Stage, string>>;
  readonly stage: string;
  readonly last: string;
  readonly mean: string;
  readonly most: string;
  readonly table: string;
  readonly none: string;
  readonly minuteAgo: string;
  readonly now: string;
  /** What the chart shows, for readers that do not see it. */
  summary(totalMs: string, longest: string): string;
}

/**
 * Stacked columns, one for each measured frame of the last minute, as SVG: its colours follow the page's, and it is
 * sharp at any zoom. A table has the same in numbers.
 */
export class StageChart {
  readonly #texts: StageChartTexts;
  readonly #stages: readonly Stage[];
  readonly #drawing = svg('svg', {
    viewBox: `0 0 ${SIZE.width} ${SIZE.height}`,
    preserveAspectRatio: 'none',
    role: 'img',
  });
  readonly #scale = LINES.map(() => h('span'));
  readonly #none: HTMLElement;
  /** Cells of the table, by stage. */
  readonly #rows: ReadonlyMap<Stage, readonly HTMLElement[]>;
  readonly element: HTMLElement;

  /** `stages` are those that the viewer's frames have. */
  constructor(texts: StageChartTexts, stages: readonly Stage[]) {
    this.#texts = texts;
    this.#stages = stages;
    this.#drawing.setAttribute('aria-label', texts.none);
    this.#none = h('p', { class: 'chart-none' }, texts.none);
    this.#rows = new Map(stages.map((stage) => [stage, [h('td'), h('td'), h('td')]]));
    const names = stages.map((stage) =>
      h('span', {}, h('i', { class: `swatch stage-${stage}` }), texts.stages[stage]),
    );
    const body = [...this.#rows].map(([stage, cells]) =>
      h('tr', {}, h('th', { scope: 'row' }, texts.stages[stage]), ...cells),
    );
    const columns = [texts.stage, texts.last, texts.mean, texts.most];
    const head = h('tr', {}, ...columns.map((name) => h('th', { scope: 'col' }, name)));
    this.element = h(
      'figure',
      { class: 'chart' },
      h('figcaption', {}, texts.title),
      h(
        'div',
        { class: 'chart-plot' },
        this.#drawing,
        h('div', { class: 'chart-scale', 'aria-hidden': 'true' }, ...this.#scale),
        this.#none,
      ),
      h(
        'div',
        { class: 'chart-times', 'aria-hidden': 'true' },
        h('span', {}, texts.minuteAgo),
        h('span', {}, texts.now),
      ),
      h('div', { class: 'legend', 'aria-hidden': 'true' }, ...names),
      h(
        'details',
        {},
        h('summary', {}, texts.table),
        h('table', {}, h('thead', {}, head), h('tbody', {}, ...body)),
      ),
    );
  }

  show(samples: readonly Sample[], nowMs: number): void {
    const shown = samples.filter(({ atMs }) => atMs > nowMs - COVERED_MS);
    const layout = layOut(shown, nowMs, SIZE);
    this.#draw(layout);
    const summary = summarise(shown);
    this.#none.hidden = summary !== undefined;
    this.#tell(summary);
  }

  #draw({ topMs, parts }: ChartLayout): void {
    const lines = LINES.map((part) => {
      const y = SIZE.height * (1 - part);
      return svg('line', { x1: 0, x2: SIZE.width, y1: y, y2: y, class: 'chart-line' });
    });
    const rects = parts.map(({ stage, x, y, width, height }) =>
      svg('rect', { class: `stage-${STAGES[stage]!}`, x, y, width, height }),
    );
    this.#drawing.replaceChildren(...lines, ...rects);
    for (const [i, part] of LINES.entries()) this.#scale[i]!.textContent = `${decimal(topMs * part, 0)} ms`;
  }

  #tell(summary: readonly StageSummary[] | undefined): void {
    const { stages, none, summary: say } = this.#texts;
    if (summary === undefined) {
      this.#drawing.setAttribute('aria-label', none);
    } else {
      const totalMs = summary.reduce((sum, { mean }) => sum + mean, 0);
      const meanOf = (stage: Stage): number => summary[STAGES.indexOf(stage)]!.mean;
      const longest = this.#stages.reduce((best, next) => (meanOf(next) > meanOf(best) ? next : best));
      this.#drawing.setAttribute('aria-label', say(decimal(totalMs, 0), stages[longest]));
    }
    for (const [stage, cells] of this.#rows) {
      const values = summary?.[STAGES.indexOf(stage)];
      const texts = values ? [values.last, values.mean, values.most].map((ms) => decimal(ms)) : ['', '', ''];
      for (const [j, cell] of cells.entries()) cell.textContent = texts[j]!;
    }
  }
}

function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string | number>>,
): SVGElementTagNameMap[Tag] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}
