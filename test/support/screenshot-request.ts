import type { ScreenshotRequest } from '../../src/session/session.ts';

/** A request for the whole screen as the best JPEG, without the pointer, but for what `overrides` says. */
export const screenshotRequest = (overrides: Partial<ScreenshotRequest> = {}): ScreenshotRequest => ({
  width: undefined,
  height: undefined,
  quality: 9,
  format: 'jpeg',
  crop: undefined,
  cursor: false,
  onlooker: { user: 'owner', address: '127.0.0.1' },
  ...overrides,
});
