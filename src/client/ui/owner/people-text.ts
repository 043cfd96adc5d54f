import { PEOPLE_TEXTS } from '../../text/people-texts.ts';
import { textsOf } from '../../text/texts.ts';

export const peopleText = textsOf(PEOPLE_TEXTS);
