import { ownerTextsOf } from '../../text/owner-texts.ts';

export const statisticsText = ownerTextsOf('statistics');
