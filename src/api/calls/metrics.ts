import { type Call, defineCall } from '../contract/call.ts';
import { Type } from '../contract/schema.ts';
import { type MetricSources, readMetricFacts } from '../metrics/metric-facts.ts';
import { MetricsPage } from '../metrics/metrics-page.ts';

/** The call that Prometheus makes. */
export function metricsCalls(sources: MetricSources): Call[] {
  const page = new MetricsPage();
  return [
    defineCall({
      method: 'GET',
      path: '/metrics',
      scope: 'stats',
      summary: 'Metrics for Prometheus',
      description: 'Also at `/metrics`. docs/metrics.md lists the metrics.',
      changes: false,
      parameters: Type.Object({}),
      answers: { 200: { description: 'Metrics', content: { 'text/plain': Type.String() } } },
      handle: async () => {
        const { type, text } = await page.write(readMetricFacts(sources));
        return { status: 200, type, body: text };
      },
    }),
  ];
}
