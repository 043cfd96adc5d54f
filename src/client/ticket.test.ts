import assert from 'node:assert/strict';
import { test } from 'node:test';
import { socketUrl, type TicketAnswer, ticketAnswer } from './ticket.ts';

test('the page opens its WebSocket with a ticket, or without one where there are none, or not at all', () => {
  const refused = (status: number): TicketAnswer => ({ kind: 'refused', status });
  const none: TicketAnswer = { kind: 'no tickets' };
  for (const [status, body, answer] of [
    [200, { ticket: 'abc', expires_s: 30 }, { kind: 'ticket', ticket: 'abc', loggedIn: undefined }],
    [
      200,
      { ticket: 'abc', user: 'ada', logged_in_by: 'session' },
      { kind: 'ticket', ticket: 'abc', loggedIn: { user: 'ada', by: 'session' } },
    ],
    [401, { code: 'HTTP_LOGIN_NEEDED' }, { ...refused(401), code: 'HTTP_LOGIN_NEEDED' }],
    [429, undefined, refused(429)],
    [200, { ticket: 7 }, none],
    [200, null, none],
    [404, undefined, none],
    [405, undefined, none],
    [401, undefined, refused(401)],
    [403, undefined, refused(403)],
    [503, undefined, refused(503)],
  ] as const) {
    assert.deepEqual(ticketAnswer(status, body), answer, `${status} ${JSON.stringify(body)}`);
  }
});

test('the address of the WebSocket is beside the page, and has the ticket in it', () => {
  const page = new URL('https://host:8443/desk/');
  const withTicket = socketUrl(page, { kind: 'ticket', ticket: 'a_b-c' });
  assert.equal(withTicket.href, 'wss://host:8443/desk/websockify?ticket=a_b-c');
  assert.equal(socketUrl(new URL('http://host/'), { kind: 'no tickets' }).href, 'ws://host/websockify');
});
