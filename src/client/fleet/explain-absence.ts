import type { Refusal } from '../api/refusal.ts';
import type { Absence } from '../disconnect.ts';
import { loadFleetTexts, fleetText as text } from '../text/fleet-texts.ts';
import { moment, sayReason } from './words.ts';

/** The English sentence with which a fleet says the state, before the reason. */
const STATE_SENTENCE = /^The desktop is \w+\.\s*/;

const TITLES = { starting: 'isStarting', paused: 'isPaused', ended: 'hasEnded', lost: 'isLost' } as const;

/** What the fleet says of a desktop that it is just removing. */
const REMOVING = 'The desktop is being removed.';

/**
 * Says why a desktop of a fleet is not there. `wasThere`: this page has shown it. Resolves with undefined if that is not
 * what the refusal says.
 */
export async function explainAbsence(
  { code, desktop, reason = '' }: Refusal,
  wasThere: boolean,
): Promise<Absence | undefined> {
  await loadFleetTexts();
  if (code === 'FLEET_NO_SUCH_DESKTOP') {
    if (reason === REMOVING)
      return { title: text('wasRemoved'), reason: text('wasRemovedWhy'), isOver: true };
    const name = wasThere ? 'isGone' : 'isUnknown';
    return { title: text(name), reason: text(`${name}Why`), isOver: true };
  }
  if (desktop === undefined) return undefined;
  const { state, sinceMs } = desktop;
  const sentences = [
    state === 'starting' ? '' : text(`${state}At`, { time: moment(sinceMs) }),
    sayReason(reason.replace(STATE_SENTENCE, '')),
    text('comesHere'),
  ];
  return { title: text(TITLES[state]), reason: sentences.filter(Boolean).join(' '), isOver: false };
}
