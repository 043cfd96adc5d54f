import { callApi } from '../../api/call-api.ts';
import { loadOwnerTexts } from '../../text/owner-texts.ts';
import { heading } from '../owner/form.ts';
import { pollServer } from '../owner/look.ts';
import { messageForm } from '../owner/message-form.ts';
import { newUserForm, newUsersForm } from '../owner/new-users.ts';
import { Outcome } from '../owner/outcome.ts';
import { PeopleApi } from '../owner/owner-api.ts';
import { peopleText as text } from '../owner/people-text.ts';
import { useStyles } from '../owner/styles.ts';
import { userList } from '../owner/user-list.ts';
import { viewerList } from '../owner/viewer-list.ts';
import type { Panel } from '../panels.ts';

/**
 * Milliseconds from one look at the viewers to the next. The rates are of five seconds. A larger value shows late who
 * has come, a smaller one costs the server more calls for each owner.
 */
const LOOK_EVERY_MS = 3000;

/** Who is connected and who may be: for owners. */
export async function peoplePanel(): Promise<Panel> {
  await loadOwnerTexts();
  useStyles();
  const api = new PeopleApi(callApi);
  const outcome = new Outcome();
  const changed = (): void => poll.hurry();
  const viewers = viewerList({ api, outcome, changed });
  const message = messageForm(api, outcome);
  const users = userList({ api, outcome, changed });
  const look = async (signal: AbortSignal): Promise<void> => {
    const [connected, known] = await Promise.all([api.viewers(signal), api.users(signal)]);
    viewers.show(connected);
    message.show(connected);
    users.show(known);
  };
  const poll = pollServer(look, LOOK_EVERY_MS, outcome);
  return {
    title: 'people',
    isWide: true,
    content: [
      heading(text('connected')),
      viewers.element,
      heading(text('message')),
      message.element,
      heading(text('users')),
      users.element,
      newUserForm({ api, outcome, changed }),
      newUsersForm({ api, outcome, changed }),
      outcome.element,
    ],
    onOpen() {
      outcome.clear();
      poll.start();
    },
    onClose: () => poll.stop(),
  };
}
