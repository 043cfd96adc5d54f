import { PANEL_TEXTS } from '../text/panel-texts.ts';
import { SIGN_IN_TEXTS } from '../text/sign-in-texts.ts';
import { STATE_TEXTS } from '../text/state-texts.ts';
import { textsOf } from '../text/texts.ts';

/** The texts of the toolbar and its panels. */
const BAR_TEXTS = { ...STATE_TEXTS, ...SIGN_IN_TEXTS, ...PANEL_TEXTS };

export type BarTextName = keyof typeof BAR_TEXTS;

export const barText = textsOf(BAR_TEXTS);
