import { ACCESS_TEXTS } from '../../text/access-texts.ts';
import { textsOf } from '../../text/texts.ts';

export const accessText = textsOf(ACCESS_TEXTS);
