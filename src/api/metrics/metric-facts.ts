import type { AuditCounts } from '../../audit/audit-counts.ts';
import { packageVersion } from '../../config/package-version.ts';
import type { EventLog } from '../../events/event-log.ts';
import type { Session, SessionMetrics } from '../../session/session.ts';
import type { WebhookState } from '../../webhooks/webhooks.ts';
import type { EventReaders } from '../events/event-readers.ts';
import type { EventLoopDelay, LoopDelays } from './event-loop-delay.ts';

export interface MetricSources {
  readonly session: Session;
  readonly events: EventLog;
  readonly readers: EventReaders;
  readonly counts: AuditCounts;
  readonly loop: EventLoopDelay;
  readonly webhooks: () => readonly WebhookState[];
}

/** All that one answer of `/metrics` is made from, read at one moment. */
export interface MetricFacts {
  readonly version: string;
  readonly session: SessionMetrics;
  readonly events: Pick<EventLog, 'counts'>;
  readonly readers: number;
  readonly webhooks: readonly WebhookState[];
  readonly counts: Pick<AuditCounts, 'calls' | 'refusedLogins'>;
  /** Undefined in the first answer. */
  readonly delays: LoopDelays | undefined;
  readonly memory: NodeJS.MemoryUsage;
  readonly cpuS: number;
  /** Seconds since 1970. */
  readonly startedAtS: number;
}

export function readMetricFacts({
  session,
  events,
  readers,
  counts,
  loop,
  webhooks,
}: MetricSources): MetricFacts {
  const { user, system } = process.cpuUsage();
  return {
    version: packageVersion(),
    session: session.metrics(),
    events,
    readers: readers.count,
    webhooks: webhooks(),
    counts,
    delays: loop.read(),
    memory: process.memoryUsage(),
    cpuS: (user + system) / 1e6,
    startedAtS: performance.timeOrigin / 1000,
  };
}
