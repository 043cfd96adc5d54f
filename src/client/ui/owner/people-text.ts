import { ownerTextsOf } from '../../text/owner-texts.ts';

export const peopleText = ownerTextsOf('people');
