import { ownerTextsOf } from '../../text/owner-texts.ts';

export const accessText = ownerTextsOf('access');
