import { STATISTICS_TEXTS } from '../../text/statistics-texts.ts';
import { textsOf } from '../../text/texts.ts';

export const statisticsText = textsOf(STATISTICS_TEXTS);
