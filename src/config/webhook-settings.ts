import { isLocalPlace } from './listen-place.ts';
import { anyText, list } from './values.ts';

/** Events that are sent by default: all but those of the screen, which has to be watched for them. */
const DEFAULT_EVENTS = [
  'viewer_joined',
  'viewer_left',
  'user_changed',
  'resized',
  'clipboard_changed',
  'bottleneck_crossed',
  'desktop_lost',
  'desktop_back',
];

/** Names and addresses of users must not be readable on the network. */
const webhookUrls = list(
  'URL',
  'https URLs without a password, or http URLs of this machine such as http://127.0.0.1:9000/hook, divided by commas',
  (value) => {
    const url = URL.parse(value);
    if (url === null || url.username !== '' || url.password !== '' || url.hash !== '') return undefined;
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const isLocal = isLocalPlace({ kind: 'tcp', host, port: undefined });
    const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && isLocal);
    return isSafe ? url.href : undefined;
  },
);

const eventTypes = list('TYPES', 'types of events such as viewer_joined, divided by commas', (value) =>
  /^[a-z_]+$/.test(value) ? value : undefined,
);

/** Settings of webhooks. */
export const WEBHOOK_SETTINGS = {
  webhook: {
    flag: 'webhook',
    type: webhookUrls,
    defaultValue: () => [],
    isList: true,
    help: 'URL that events are sent to, each in a signed POST; repeatable (docs/webhooks.md).',
  },
  webhookEvents: {
    flag: 'webhook-events',
    type: eventTypes,
    defaultValue: () => DEFAULT_EVENTS,
    isList: true,
    help: 'Types of the events that are sent there (docs/events.md).',
    defaultHelp: 'all but screen_changed and screen_settled',
  },
  webhookSecretFile: {
    flag: 'webhook-secret-file',
    type: anyText('FILE'),
    defaultValue: () => undefined,
    isPath: true,
    help: 'File whose first line is the secret that signs them.',
    defaultHelp: 'webhook-secret in the data folder, which is made',
  },
};
