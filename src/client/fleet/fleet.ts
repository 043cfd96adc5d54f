import { ApiError, callApi } from '../api/call-api.ts';
import { logOut } from '../api/log-in.ts';
import { onSessionBegun } from '../api/session-key.ts';
import { firstStepOfPage } from '../first-step.ts';
import { pageFolder } from '../page-folder.ts';
import { setSignedOut } from '../signed-out.ts';
import { loadFleetTexts, fleetText as words } from '../text/fleet-texts.ts';
import { loadLanguage, text } from '../text/texts.ts';
import { h } from '../ui/dom.ts';
import { Poll } from '../ui/owner/poll.ts';
import { confirmed } from './dialog.ts';
import { Door } from './door.ts';
import type { Deed, FleetDesktop } from './fleet-desktop.ts';
import { openMaker } from './maker.ts';
import { refusalSentence } from './refusals.ts';
import { Thumbnails } from './thumbnails.ts';
import { Wall } from './wall.ts';

/** Time in ms between two looks at the pictures, and at whether anything has changed. */
const LOOK_EACH_MS = 1000;
/** Time in ms from a card that comes into sight to the next look, in which others may follow. */
const SOON_MS = 120;

const UNAUTHORIZED = 401;

document.documentElement.lang = await loadLanguage(navigator.languages);
await loadFleetTexts();
const baseUrl = pageFolder();
document.title = `${words('desktops')} – Deskwire`;

/** Who uses the page. Undefined until that is known, and after a logout. */
let me: { readonly user: string; readonly admin: boolean } | undefined;
/** Version of the fleet whose list is shown. */
let shownVersion: number | undefined;
let soon: ReturnType<typeof setTimeout> | undefined;

const thumbnails = new Thumbnails();
const looks = new Poll(look, LOOK_EACH_MS);
const title = h('h1', { id: 'title' }, words('desktops'));
const message = h('p', { class: 'message', role: 'alert' });
const status = h('p', { class: 'visually-hidden', role: 'status' });
const say = (sentence: string): void => {
  status.textContent = sentence;
};
const wall = new Wall({
  labelledBy: title.id,
  onDeed: (desktop, deed) => void carryOut(desktop, deed),
  onSeen: lookSoon,
  onGone: (name) => thumbnails.forget(name),
  say,
});
const make = h('button', { type: 'button', class: 'push main', hidden: true, onclick: () => void openBox() });
make.append(words('newDesktop'));
const leave = h('button', { type: 'button', class: 'push', hidden: true, onclick: () => void signOut() });
const header = h('header', { hidden: true }, title, h('div', { class: 'pushes' }, make, leave));
const door = new Door(baseUrl, begin);
document.body.append(header, h('main', {}, message, door.element, wall.element, status));

onSessionBegun(baseUrl, () => {
  if (!door.isShown || door.isBusy) return;
  setSignedOut(baseUrl, false);
  begin();
});
takeFirstStep();

function takeFirstStep(): void {
  const step = firstStepOfPage(baseUrl);
  if (step.kind === 'log in') {
    // At once, so that a ticket is neither seen nor kept in the history or in a bookmark.
    if (step.credentials.kind === 'ticket') history.replaceState(null, '', baseUrl);
    void door.enter(step.credentials);
  } else if (step.kind === 'ask') door.show();
  else begin();
}

function begin(): void {
  looks.start();
}

/** Looks at the list if it has changed, and at the pictures. */
async function look(signal: AbortSignal): Promise<void> {
  try {
    const version = await thumbnails.refresh(wall.seen(), signal);
    if (version !== shownVersion) await showList(signal);
    shownVersion = version;
    if (message.dataset.kind === 'away') complain('');
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof ApiError && error.status === UNAUTHORIZED) ask(me && text('sessionOver'));
    else {
      header.hidden = door.isShown;
      complain(text('unreachableWhy'), 'away');
    }
  }
}

function lookSoon(): void {
  clearTimeout(soon);
  soon = setTimeout(() => looks.hurry(), SOON_MS);
}

async function showList(signal: AbortSignal): Promise<void> {
  me = await callApi<NonNullable<typeof me>>('GET', '/me', undefined, signal);
  const desktops = await callApi<FleetDesktop[]>('GET', '/desktops', undefined, signal);
  door.hide();
  header.hidden = false;
  make.hidden = !me.admin;
  leave.hidden = false;
  const label = text('signOutOf', { user: me.user });
  if (leave.textContent !== label) leave.textContent = label;
  wall.show(desktops, words(me.admin ? 'noneYet' : 'none'));
}

/** Says what is wrong. It is said once, also if it is found again. */
function complain(sentence: string, kind = ''): void {
  message.dataset.kind = kind;
  if (message.textContent !== sentence) message.textContent = sentence;
}

/** Asks for a login, in place of the list. */
function ask(reason = ''): void {
  looks.stop();
  me = undefined;
  shownVersion = undefined;
  wall.clear();
  header.hidden = true;
  complain('');
  for (const dialog of document.querySelectorAll('dialog')) dialog.close();
  door.show(reason);
}

async function signOut(): Promise<void> {
  setSignedOut(baseUrl, true);
  ask();
  if (!(await logOut(baseUrl))) door.show(text('signOutFailed'));
  // The browser sends the password that its own dialog has asked for with every request.
  else if (await isLoggedIn()) door.show(text('browserRemembers'));
}

const isLoggedIn = (): Promise<boolean> =>
  callApi('GET', '/me').then(
    () => true,
    () => false,
  );

function openBox(): Promise<void> {
  complain('');
  return openMaker({
    has: (name) => wall.has(name),
    onMade: (name) => {
      wall.await(name);
      looks.hurry();
    },
  });
}

async function carryOut(desktop: FleetDesktop, deed: Deed): Promise<void> {
  const { name } = desktop;
  complain('');
  if (!(await isWanted(desktop, deed))) return;
  wall.await(name);
  try {
    if (deed === 'remove') await callApi('DELETE', `/desktops/${name}`);
    else await callApi('POST', `/desktops/${name}/${deed === 'start' ? 'restart' : deed}`);
  } catch (error) {
    complain(refusalSentence(error, name));
  }
  looks.hurry();
}

/** Asks before a deed that ends what users do. */
function isWanted({ name, viewers }: FleetDesktop, deed: Deed): Promise<boolean> | boolean {
  if (deed !== 'remove' && deed !== 'restart') return true;
  const others = viewers > 0 ? words('othersConnected', { count: viewers }) : '';
  const why = [words(`${deed}Why`), others].filter(Boolean).join(' ');
  return confirmed(words(`${deed}Title`, { name }), why, words(deed));
}
