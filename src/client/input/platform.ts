/** The two systems on which browsers report keyboards differently. */
export interface Platform {
  readonly isMac: boolean;
  readonly isWindows: boolean;
}

export function platformOf(name: string): Platform {
  return { isMac: /^(mac|ip(hone|ad|od))/i.test(name), isWindows: /^win/i.test(name) };
}
