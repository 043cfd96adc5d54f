/** The two systems whose keyboards browsers report in their own way. */
export interface Platform {
  readonly isMac: boolean;
  readonly isWindows: boolean;
}

export function platformOf(name: string): Platform {
  return { isMac: /^(mac|ip(hone|ad|od))/i.test(name), isWindows: /^win/i.test(name) };
}
