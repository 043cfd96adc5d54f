/** The folder of the page, with the server's `ticket`, `session`, `websockify` and `api`. */
export function pageFolder(): URL {
  const url = new URL('./', document.baseURI);
  // fetch() takes no address with a name and a password in it.
  url.username = '';
  url.password = '';
  return url;
}
