/** Whether an `Accept-Encoding` header takes Brotli (RFC 9110, 12.5.3). Browsers do over HTTPS. */
export function acceptsBrotli(header: string | undefined): boolean {
  for (const choice of header?.split(',') ?? []) {
    const [coding = '', ...parameters] = choice.split(';').map((part) => part.trim().toLowerCase());
    if (coding === 'br') return !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  }
  return false;
}
