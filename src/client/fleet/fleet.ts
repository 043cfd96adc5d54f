import { ApiError, callApi } from '../api/call-api.ts';
import { logIn, logOut } from '../api/log-in.ts';
import { explainLoginRefusal } from '../login-refusal.ts';
import { pageFolder } from '../page-folder.ts';
import { loadFleetTexts, fleetText as words } from '../text/fleet-texts.ts';
import { loadLanguage, text } from '../text/texts.ts';
import { h } from '../ui/dom.ts';
import { type EnteredLogin, LoginForm } from '../ui/login-form.ts';
import { Poll } from '../ui/owner/poll.ts';
import { DesktopCard } from './desktop-card.ts';
import type { Deed, FleetDesktop } from './fleet-desktop.ts';
import { Thumbnails } from './thumbnails.ts';

/** Time in ms between two looks at the list. */
const LIST_EACH_MS = 2000;
/** Time in ms between two pictures of a desktop. */
const PICTURE_EACH_MS = 1000;

const UNAUTHORIZED = 401;

document.documentElement.lang = await loadLanguage(navigator.languages);
await loadFleetTexts();
const baseUrl = pageFolder();
const cards = new Map<string, DesktopCard>();
const thumbnails = new Thumbnails(baseUrl);
let running: readonly string[] = [];

const title = h('h1', { id: 'title' }, words('desktops'));
const message = h('p', { class: 'message', role: 'alert' });
const wall = h('ul', { class: 'wall', 'aria-labelledby': title.id });
const leave = h('button', { type: 'button', class: 'push', hidden: true, onclick: () => void signOut() });
const form = new LoginForm(title.id, (login) => void enter(login));
const newName = h('input', {
  id: 'new',
  required: true,
  maxlength: 40,
  pattern: '[a-z0-9]([a-z0-9-]*[a-z0-9])?',
});
const maker = h(
  'form',
  { class: 'maker', hidden: true, onsubmit: (event) => void make(event) },
  h('label', { for: newName.id }, words('newDesktop')),
  newName,
  h('button', { type: 'submit', class: 'action' }, words('create')),
);
document.body.append(h('header', {}, title, leave), h('main', {}, message, maker, wall));

const list = new Poll(refresh, LIST_EACH_MS);
const pictures = new Poll(async (signal) => {
  await Promise.all(running.map((name) => thumbnails.refresh(name, cards.get(name)!, signal)));
}, PICTURE_EACH_MS);
begin();

function begin(): void {
  list.start();
  pictures.start();
}

async function refresh(signal: AbortSignal): Promise<void> {
  try {
    const me = await callApi<{ user: string; admin: boolean }>('GET', '/me', undefined, signal);
    show(await callApi<FleetDesktop[]>('GET', '/desktops', undefined, signal));
    form.close();
    maker.hidden = !me.admin;
    leave.hidden = false;
    leave.textContent = text('signOutOf', { user: me.user });
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof ApiError && error.status === UNAUTHORIZED) ask();
    else message.textContent = text('unreachableWhy');
  }
}

function show(desktops: readonly FleetDesktop[]): void {
  message.textContent = desktops.length === 0 ? words('none') : '';
  const names = new Set(desktops.map(({ name }) => name));
  for (const [name, card] of cards) if (!names.has(name)) drop(name, card);
  for (const desktop of desktops) {
    const { name } = desktop;
    let card = cards.get(name);
    if (card === undefined) {
      card = new DesktopCard(desktop, (deed) => void carryOut(name, deed));
      cards.set(name, card);
      wall.append(card.element);
      thumbnails.add(card);
    }
    card.show(desktop);
  }
  running = desktops.filter(({ state }) => state === 'running').map(({ name }) => name);
}

function drop(name: string, card: DesktopCard): void {
  thumbnails.drop(name, card);
  card.remove();
  cards.delete(name);
}

/** Asks for a login, in place of the list. */
function ask(): void {
  list.stop();
  pictures.stop();
  running = [];
  for (const [name, card] of cards) drop(name, card);
  maker.hidden = true;
  leave.hidden = true;
  message.textContent = '';
  wall.before(form.element);
  form.focus();
}

async function enter(login: EnteredLogin): Promise<void> {
  form.begin();
  const refusal = await logIn(baseUrl, { kind: 'password', ...login });
  if (refusal === undefined) begin();
  else {
    const explain = (seconds: number): string =>
      explainLoginRefusal({ ...refusal, ...(refusal.retryAfterS !== undefined && { retryAfterS: seconds }) });
    form.refuse(explain, refusal.retryAfterS);
  }
}

async function signOut(): Promise<void> {
  await logOut(baseUrl);
  ask();
}

async function make(event: Event): Promise<void> {
  event.preventDefault();
  if (await tried('POST', '/desktops', { name: newName.value })) newName.value = '';
}

async function carryOut(name: string, deed: Deed): Promise<void> {
  if (deed === 'remove' && !confirm(words('reallyRemove', { name }))) return;
  if (deed === 'restart' && !confirm(words('reallyRestart', { name }))) return;
  if (deed === 'remove') await tried('DELETE', `/desktops/${name}`);
  else await tried('POST', `/desktops/${name}/${deed === 'start' ? 'restart' : deed}`);
}

/** Makes a call, and says why it was refused. */
async function tried(method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<boolean> {
  try {
    await callApi(method, path, body);
    list.hurry();
    return true;
  } catch (error) {
    message.textContent = error instanceof ApiError ? error.message : String(error);
    return false;
  }
}
