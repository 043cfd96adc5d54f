import type { IncomingMessage } from 'node:http';
import { httpProblem } from '../problems/errors.ts';
import type { Origins } from './origins.ts';

const REMEDY =
  'Use a program such as curl, or fetch() in the desktop’s own page or in a page of an --allow-origin.';

/** Throws a Problem if a browser sent this, unless a script of our page or of an allowed one made it do so. */
export function refuseBrowsers(origins: Origins, request: IncomingMessage): void {
  switch (origins.judge(request)) {
    case 'may change':
      return;
    case 'navigation':
      throw httpProblem(
        'HTTP_NAVIGATION',
        `A link, a form, the address bar or a prefetch sent this. ${REMEDY}`,
      );
    case 'foreign page':
      throw httpProblem(
        'HTTP_FOREIGN_PAGE',
        `A page of another site may have sent this. ${origins.mismatch(request)}`,
      );
  }
}
