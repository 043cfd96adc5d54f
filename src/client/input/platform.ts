/** The systems on which browsers report keyboards differently. */
export interface Platform {
  readonly isMac: boolean;
  readonly isWindows: boolean;
  /** On-screen keyboards tell no keys there, only what the field has become. */
  readonly isAndroid: boolean;
}

/** `name` is `navigator.platform`, which says Linux on Android; `userAgent` names Android. */
export function platformOf({ platform, userAgent }: Pick<Navigator, 'platform' | 'userAgent'>): Platform {
  return {
    isMac: /^(mac|ip(hone|ad|od))/i.test(platform),
    isWindows: /^win/i.test(platform),
    isAndroid: /\bandroid\b/i.test(userAgent),
  };
}
