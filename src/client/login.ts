// The login form, which the server shows where the browser has no dialog of its own, such as in a frame of another
// site. It imports nothing, because the other files of the page need a login.

/**
 * Longest wait for the answer, in ms. Logins may wait 15 s for others. With a smaller value the form gives up on a busy
 * server; with a larger one the user waits longer for a server that does not answer.
 */
const ANSWER_TIMEOUT_MS = 25_000;

const form = byId('form', HTMLFormElement);
const user = byId('user', HTMLInputElement);
const password = byId('password', HTMLInputElement);
const button = byId('submit', HTMLButtonElement);
const message = byId('message', HTMLElement);

/** The ticket of a link, behind the `#`. */
const ticket = new URLSearchParams(location.hash.slice(1)).get('ticket');

user.focus();
if (ticket !== null) {
  // At once, so that it is neither seen nor kept in the history or in a bookmark.
  history.replaceState(null, '', location.pathname + location.search);
  void logIn(`Bearer ${ticket}`);
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void logIn(`Basic ${base64(`${user.value}:${password.value}`)}`);
});

/** Trades a password or a ticket for the login cookie, with which the page is loaded then. */
async function logIn(authorization: string): Promise<void> {
  button.disabled = true;
  message.textContent = '';
  try {
    const refusal = await send(authorization);
    if (refusal === undefined) showPage();
    else message.textContent = refusal;
  } catch {
    message.textContent = 'The server does not answer.';
  }
  button.disabled = false;
  password.select();
}

/** Loads the page that the login form stands for. A link with a ticket leads to the form itself. */
function showPage(): void {
  if (location.pathname.endsWith('/login.html'))
    location.replace(new URL(`./${location.search}`, document.baseURI));
  else location.reload();
}

/** Returns the reason why the server refuses; undefined if it does not. */
async function send(authorization: string): Promise<string | undefined> {
  // The cookie has another form in a frame.
  const url = new URL(window.top === window ? 'ticket' : 'ticket?framed', new URL('./', document.baseURI));
  const response = await fetch(url, {
    method: 'POST',
    mode: 'same-origin',
    cache: 'no-store',
    headers: { Authorization: authorization },
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  });
  if (response.ok) return undefined;
  const problem = (await response.json().catch(() => undefined)) as
    | { code?: unknown; detail?: unknown }
    | undefined;
  if (problem?.code === 'HTTP_LOGIN_NEEDED') return 'The name or the password is wrong.';
  if (problem?.code === 'HTTP_TICKET_INVALID')
    return 'This link is no longer valid. Ask for a new one, or log in with your name and password.';
  return typeof problem?.detail === 'string' ? problem.detail : `The server refuses (${response.status}).`;
}

/** Encodes the text's UTF-8. */
function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

function byId<T extends HTMLElement>(id: string, type: abstract new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`login.html has no ${type.name} #${id}`);
  return found;
}
