import type { Metric, MetricObjectWithValues, MetricValueWithName, Registry } from 'prom-client';
import type { Histogram } from '../../stats/histogram.ts';
import { FAMILIES, type Family } from './families.ts';
import type { MetricFacts } from './metric-facts.ts';

/** Name and help of the one histogram. docs/metrics.md lists it, too. */
export const FRAME_SECONDS = 'deskwire_frame_seconds';
const FRAME_HELP =
  'Time of a stage of a frame: capture and analysis over all threads that took part, encoding and total by the clock.';

type Value = MetricValueWithName<string>;

/**
 * Writes the answer of `/metrics`. prom-client is loaded with the first one: a server that nobody asks does without its
 * 2 MB. Its metrics are not used to count, because counting has to cost nothing.
 */
export class MetricsPage {
  #page: Promise<Page> | undefined;

  async write(facts: MetricFacts): Promise<{ readonly type: string; readonly text: string }> {
    this.#page ??= createPage();
    const page = await this.#page;
    page.facts = facts;
    return { type: page.registry.contentType, text: await page.registry.metrics() };
  }
}

interface Page {
  readonly registry: Registry;
  facts: MetricFacts | undefined;
}

async function createPage(): Promise<Page> {
  const { Registry } = await import('prom-client');
  const page: Page = { registry: new Registry(), facts: undefined };
  const add = (name: string, help: string, type: string, values: (facts: MetricFacts) => Value[]): void => {
    const get = async (): Promise<MetricObjectWithValues<Value>> => {
      return { name, help, type, aggregator: 'sum', values: page.facts ? values(page.facts) : [] } as never;
    };
    // The registry asks no more of a metric.
    page.registry.registerMetric({ name, get } as unknown as Metric);
  };
  for (const family of FAMILIES) {
    add(family.name, family.help, family.type, (facts) => familyValues(family, facts));
  }
  add(FRAME_SECONDS, FRAME_HELP, 'histogram', ({ session }) =>
    [...session.frames.stages].flatMap(([stage, histogram]) => histogramValues(histogram, { stage })),
  );
  return page;
}

function familyValues({ name, read }: Family, facts: MetricFacts): Value[] {
  return [...read(facts)].map(([labels, value]) => ({ metricName: name, labels, value }));
}

function histogramValues(histogram: Histogram, labels: Readonly<Record<string, string>>): Value[] {
  const { bounds, count, sum } = histogram;
  const cumulative = histogram.cumulative();
  const bucket = (le: string, value: number): Value => {
    return { metricName: `${FRAME_SECONDS}_bucket`, labels: { le, ...labels }, value };
  };
  return [
    ...bounds.map((bound, at) => bucket(String(bound), cumulative[at]!)),
    bucket('+Inf', count),
    { metricName: `${FRAME_SECONDS}_sum`, labels, value: sum },
    { metricName: `${FRAME_SECONDS}_count`, labels, value: count },
  ];
}
