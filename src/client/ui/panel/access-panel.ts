import { callApi } from '../../api/call-api.ts';
import { loadOwnerTexts } from '../../text/owner-texts.ts';
import { AccessApi } from '../owner/access-api.ts';
import { accessText as text } from '../owner/access-text.ts';
import { heading } from '../owner/form.ts';
import { pollServer } from '../owner/look.ts';
import { Outcome } from '../owner/outcome.ts';
import { useStyles } from '../owner/styles.ts';
import { ticketSection } from '../owner/ticket-section.ts';
import { tokenSection } from '../owner/token-section.ts';
import type { Panel } from '../panels.ts';

/**
 * Milliseconds from one look at the lists to the next. They change when a link is used, or by another owner. A larger
 * value shows that late, a smaller one costs the server more calls.
 */
const LOOK_EVERY_MS = 5000;

/** Links that log browsers in, and tokens for programs: for owners. */
export async function accessPanel(): Promise<Panel> {
  await loadOwnerTexts();
  useStyles();
  const api = new AccessApi(callApi);
  const outcome = new Outcome();
  const changed = (): void => poll.hurry();
  const tickets = ticketSection({ api, outcome, changed });
  const tokens = tokenSection({ api, outcome, changed });
  const look = async (signal: AbortSignal): Promise<void> => {
    const [userNames, listedTickets, listedTokens] = await Promise.all([
      api.userNames(signal),
      api.tickets(signal),
      api.tokens(signal),
    ]);
    tickets.show(listedTickets, userNames);
    tokens.show(listedTokens, userNames);
  };
  const poll = pollServer(look, LOOK_EVERY_MS, outcome);
  return {
    title: 'access',
    isWide: true,
    content: [
      heading(text('links')),
      ...tickets.content,
      heading(text('tokens')),
      ...tokens.content,
      outcome.element,
    ],
    onOpen() {
      outcome.clear();
      poll.start();
    },
    onClose() {
      poll.stop();
      tickets.forget();
      tokens.forget();
    },
  };
}
