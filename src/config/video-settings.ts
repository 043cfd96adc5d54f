import { integer, oneOf, size } from './values.ts';

/** Settings of video mode, for viewers that do not set it themselves. */
export const VIDEO_SETTINGS = {
  videoArea: {
    flag: 'video-area',
    type: integer('PERCENT', 1, 100),
    defaultValue: () => 45,
    help: 'Video mode begins when more than this share of the screen shows a film, 1 to 100; 100 switches it off.',
  },
  videoTime: {
    flag: 'video-time',
    type: integer('SECONDS', 0, 100),
    defaultValue: () => 5,
    help: 'How long that share must keep changing, 0 to 100.',
  },
  videoOutTime: {
    flag: 'video-out-time',
    type: integer('SECONDS', 1, 100),
    defaultValue: () => 3,
    help: 'How long the screen must be calmer before video mode ends, 1 to 100.',
  },
  jpegVideoQuality: {
    flag: 'jpeg-video-quality',
    type: integer('LEVEL', 0, 9),
    defaultValue: () => 5,
    help: 'Quality in video mode, 0 to 9.',
  },
  maxVideoResolution: {
    flag: 'max-video-resolution',
    type: size,
    defaultValue: () => ({ width: 1920, height: 1080 }),
    help: 'In video mode, the screen is scaled down to fit this size.',
  },
  videoScaling: {
    flag: 'video-scaling',
    type: oneOf('FILTER', ['area', 'nearest']),
    defaultValue: () => 'area' as const,
    help: 'Scaling method: area averages the covered pixels, nearest takes the middle one.',
  },
};
