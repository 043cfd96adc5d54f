import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LateAnswers } from './late-answers.ts';

test('three late answers do not count, because one hitch delays as many, and a fourth does', () => {
  const late = new LateAnswers();
  assert.equal(late.lateMs, 0);
  for (const ms of [-5, 200, 80, 100, 3]) late.add(ms);
  assert.equal(late.lateMs, 3);
  late.add(60);
  assert.equal(late.lateMs, 60);
});

test('a late answer is forgotten after 64 others', () => {
  const late = new LateAnswers();
  for (const ms of [100, 90, 80, 70]) late.add(ms);
  for (let i = 0; i < 60; i++) late.add(1);
  assert.equal(late.lateMs, 70);
  late.add(1);
  assert.equal(late.lateMs, 1);
});
