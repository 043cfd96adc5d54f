import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClientMessage } from '../protocol/client-messages.ts';
import { UpdateRequests } from './update-requests.ts';

/** Requests of a page, and what they have sent since the last look, in short. */
function requestsOf(isHidden: boolean): { requests: UpdateRequests; sent(): string[] } {
  let lines: string[] = [];
  const send = (message: ClientMessage): void => {
    if (message.type === 'updateRequest') lines.push(message.incremental ? 'changes' : 'all');
    if (message.type === 'enableContinuousUpdates')
      lines.push(`${message.on ? 'on' : 'off'} ${message.width}x${message.height}`);
  };
  const requests = new UpdateRequests({ send, size: () => ({ width: 4, height: 3 }) }, isHidden);
  return {
    requests,
    sent() {
      const sent = lines;
      lines = [];
      return sent;
    },
  };
}

test('a page that is seen asks for the whole picture, for continuous updates, and for changes after each drawing', () => {
  const { requests, sent } = requestsOf(false);
  requests.begin();
  requests.support();
  requests.support();
  requests.drawn();
  requests.resized();
  assert.deepEqual(sent(), ['all', 'on 4x3', 'changes', 'on 4x3']);
});

test('a page that is hidden switches updates off, and asks for nothing until it is shown', () => {
  const { requests, sent } = requestsOf(false);
  requests.begin();
  requests.support();
  sent();
  requests.setHidden(true);
  assert.deepEqual(sent(), ['off 4x3']);
  requests.setHidden(true);
  requests.resized();
  assert.deepEqual(sent(), []);
  requests.setHidden(false);
  assert.deepEqual(sent(), ['on 4x3', 'changes']);
  requests.setHidden(false);
  assert.deepEqual(sent(), []);
});

test('a page that is shown again reports each update that it has drawn unseen', () => {
  const { requests, sent } = requestsOf(false);
  requests.support();
  requests.setHidden(true);
  sent();
  requests.drawn();
  requests.drawn();
  assert.deepEqual(sent(), []);
  requests.setHidden(false);
  assert.deepEqual(sent(), ['on 4x3', 'changes', 'changes']);
  requests.setHidden(true);
  requests.setHidden(false);
  assert.deepEqual(sent(), ['off 4x3', 'on 4x3', 'changes']);
});

test('a page that is opened hidden asks for one picture, and for continuous updates when it is shown', () => {
  const { requests, sent } = requestsOf(true);
  requests.begin();
  requests.support();
  assert.deepEqual(sent(), ['all']);
  requests.setHidden(false);
  assert.deepEqual(sent(), ['on 4x3', 'changes']);
});

test('a server without continuous updates is only sent requests', () => {
  const { requests, sent } = requestsOf(false);
  requests.begin();
  requests.setHidden(true);
  requests.drawn();
  requests.setHidden(false);
  requests.resized();
  assert.deepEqual(sent(), ['all', 'changes']);
});
