const nameOf = ({ pathname }: URL): string => `deskwire ${pathname} signed out`;

/** Whether the user has logged out in this tab. A password that the browser remembers must not log in again. */
export function isSignedOut(baseUrl: URL): boolean {
  try {
    return sessionStorage.getItem(nameOf(baseUrl)) !== null;
  } catch {
    return false;
  }
}

/** Notes that the user has logged out in this tab, or has logged in again. */
export function setSignedOut(baseUrl: URL, isOut: boolean): void {
  try {
    if (isOut) sessionStorage.setItem(nameOf(baseUrl), '');
    else sessionStorage.removeItem(nameOf(baseUrl));
  } catch {
    // It holds until the page is left.
  }
}
