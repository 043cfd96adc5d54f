import type { Call } from './keep-alive-caller.ts';

/** One kind of load, and what it is measured beside. */
export interface Kind {
  readonly name: string;
  readonly calls: readonly Call[];
  readonly connections: number;
  /** Calls a second over all connections. Without it each connection calls again as soon as it has its answer. */
  readonly perSecond?: number;
  /** Viewers at the same time, and what they see. */
  readonly viewers: number;
  readonly shows?: 'film' | 'nothing';
}

export const CONNECTIONS = 8;
/** Viewers of the film beside which statistics are asked for. */
const FILM_VIEWERS = 8;
/** Viewers of a still screen beside which metrics are asked for. */
const STILL_VIEWERS = 200;
/** Statistics calls a second beside viewers. More of them would take the viewers' CPU. */
const STATISTICS_PER_SECOND = 60;
/** Screenshots of a film a second: a few more than are promised. More of them would take the film's CPU. */
const MOVING_PER_SECOND = 110;

export const get = (path: string): Call => ({ path: `/api/${path}` });

/**
 * Calls that answer from what the server knows. get_frame_stats waits for the next frame and is measured by itself;
 * system/stats measures the host for a quarter of a second.
 */
const STATISTICS: readonly Call[] = [
  get('get_bottleneck_stats'),
  get('get_sessions'),
  get('viewers'),
  get('get_users'),
];

/** Beside a still screen, unless there are viewers. */
export const KINDS: readonly Kind[] = [
  { name: 'bottleneck', calls: [get('get_bottleneck_stats')], connections: CONNECTIONS, viewers: 0 },
  { name: 'users', calls: [get('get_users')], connections: CONNECTIONS, viewers: 0 },
  { name: 'screenshot', calls: [get('get_screenshot')], connections: CONNECTIONS, viewers: 0 },
  { name: 'screenshot-png', calls: [get('get_screenshot?format=png')], connections: CONNECTIONS, viewers: 0 },
  {
    name: 'screenshot-moving',
    calls: [get('get_screenshot?width=480')],
    connections: CONNECTIONS,
    perSecond: MOVING_PER_SECOND,
    viewers: 1,
  },
  { name: 'frame-stats', calls: [get('get_frame_stats?client=none')], connections: 1, viewers: 1 },
  {
    name: 'statistics',
    calls: STATISTICS,
    connections: 1,
    perSecond: STATISTICS_PER_SECOND,
    viewers: FILM_VIEWERS,
  },
  { name: 'metrics', calls: [{ path: '/metrics' }], connections: 1, perSecond: 10, viewers: FILM_VIEWERS },
  {
    name: 'metrics-200',
    calls: [{ path: '/metrics' }],
    connections: 1,
    perSecond: 10,
    viewers: STILL_VIEWERS,
    shows: 'nothing',
  },
];
