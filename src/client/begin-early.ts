// Runs in the page's document, while its scripts are still on their way: begins to connect.

import { leaveOpening } from './early-opening.ts';
import { firstStepOfPage } from './first-step.ts';
import { openDesktop } from './opening.ts';
import { pageFolder } from './page-folder.ts';

const baseUrl = pageFolder();
if (firstStepOfPage(baseUrl).kind === 'connect') leaveOpening(openDesktop(baseUrl));
