import type { Refusal } from './api/refusal.ts';
import { text } from './text/texts.ts';

/** Explains to the user why a login was refused, and what to do. */
export function explainLoginRefusal({ status, code, reason, retryAfterS }: Refusal): string {
  switch (code) {
    case 'HTTP_LOGIN_NEEDED':
      return text('wrongPassword');
    case 'HTTP_TOO_MANY_LOGINS':
      return text('throttled', { seconds: retryAfterS ?? 1 });
    case 'HTTP_TICKET_INVALID':
      return text('linkOver');
    case 'HTTP_NO_READ':
      return text('noAccessWhy');
    case 'HTTP_FOREIGN_PAGE':
    case 'HTTP_NAVIGATION':
      return `${text('originRefusedWhy')} ${reason ?? ''}`.trim();
  }
  if (status === undefined) return text('unreachableWhy');
  if (status === 429 || status === 503) return text('serverBusy');
  return reason ?? text('notAvailableWhy', { status });
}
