import type { Logger } from 'pino';
import { afterReal } from '../common/after.ts';
import { ConfigError } from '../config/errors.ts';
import { EVENT_TYPES, type EventType } from '../events/event.ts';
import type { EventLog } from '../events/event-log.ts';
import { readWebhookSecret, type SecretPlace } from './secret.ts';
import { type DeliveryCounts, Webhook } from './webhook.ts';

export interface WebhooksOptions extends SecretPlace {
  /** Where events are sent. */
  readonly webhook: readonly string[];
  /** The types that are sent. */
  readonly webhookEvents: readonly string[];
  readonly events: EventLog;
  readonly log: Logger;
}

/** One receiver, for metrics. */
export interface WebhookState {
  /** Its place in the list of settings, from 1 on. */
  readonly place: number;
  readonly waiting: number;
  readonly counts: Readonly<DeliveryCounts>;
}

/** The receivers of events. */
export interface Webhooks {
  readonly states: readonly WebhookState[];
  close(): void;
}

/** Begins to send events to all receivers. Throws ConfigError CFG_WEBHOOK if the settings cannot be used. */
export async function openWebhooks(options: WebhooksOptions): Promise<Webhooks> {
  const { webhook: urls, events, log } = options;
  const types = new Set(options.webhookEvents.map(typeOf));
  if (urls.length === 0) return { states: [], close: () => undefined };
  const secret = await readWebhookSecret(options);
  // Only here: the names of node:http bring undici along, which takes 65 ms of a start, and memory.
  const { createPoster } = await import('./post.ts');
  const receivers = urls.map((url, at) => {
    const poster = createPoster(url, secret);
    // Its path and its query may have a secret in them.
    const receiver = { place: at + 1, origin: new URL(url).origin };
    const webhook = new Webhook({
      log: events,
      wants: (type) => types.has(type),
      send: poster.post,
      after: afterReal,
      random: Math.random,
      failing: ({ status, error }) =>
        log.warn({ ...receiver, status, err: error }, 'A receiver of events does not take them'),
      recovered: () => log.info(receiver, 'The receiver takes events again'),
    });
    return { place: at + 1, webhook, poster };
  });
  return {
    get states() {
      return receivers.map(({ place, webhook: { waiting, counts } }) => ({ place, waiting, counts }));
    },
    close: () => {
      for (const { webhook, poster } of receivers) {
        webhook.close();
        poster.close();
      }
    },
  };
}

function typeOf(word: string): EventType {
  if (Object.hasOwn(EVENT_TYPES, word)) return word as EventType;
  const known = Object.keys(EVENT_TYPES).join(', ');
  throw new ConfigError(
    'CFG_WEBHOOK',
    `--webhook-events: there is no event "${word}". The types are ${known}.`,
  );
}
