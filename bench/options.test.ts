import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listWorkloads, parseOptions } from './options.ts';

test('a name stands for one workload, or for all whose names begin with it', () => {
  const named = (...args: string[]): string[] => parseOptions(args).workloads.map(({ name }) => name);
  assert.deepEqual(named('editor-30', 'moving'), ['editor-30', 'moving-30', 'moving-60', 'moving-10']);
  assert.equal(named('scroll').length, 5);
  assert.deepEqual(named('scroll-30', 'scroll-30'), ['scroll-30']);
  assert.throws(() => named('scro'), /No workload "scro"/);
});

test('a seed is as given, or random', () => {
  assert.equal(parseOptions(['--seed', '77']).seed, 77);
  const seeds = Array.from({ length: 5 }, () => parseOptions([]).seed);
  assert.ok(new Set(seeds).size > 1);
});

test('the list names every workload, and marks those that run only if named', () => {
  const lines = listWorkloads().split('\n');
  assert.ok(lines.some((line) => line.startsWith('idle ')));
  assert.match(lines.find((line) => line.startsWith('video-10'))!, /only if named/);
});

test('a word such as "links" stands for its own measurement, and runs no workload', () => {
  const { links, memory, fanout, workloads } = parseOptions(['links']);
  assert.deepEqual(
    { links, memory, fanout, workloads },
    { links: true, memory: false, fanout: false, workloads: [] },
  );
  assert.equal(parseOptions(['links', 'idle']).workloads.length, 1);
  assert.equal(parseOptions([]).links, false);
  assert.equal(parseOptions(['keyboard', '--characters', '500']).keyboard, true);
  assert.equal(parseOptions(['keyboard', '--characters', '500']).characters, 500);
  const { programs } = parseOptions(['keyboard', '--program', 'Swing', '--program', 'xterm, ibus']);
  assert.deepEqual(
    programs.map(({ name }) => name),
    ['Swing', 'xterm, ibus'],
  );
  assert.ok(parseOptions(['keyboard']).programs.length > programs.length);
  assert.throws(
    () => parseOptions(['keyboard', '--program', 'Swin']),
    /No program "Swin"; there are "xterm"/,
  );
  assert.match(listWorkloads(), /^links .*only if named/m);
  const page = parseOptions(['page']);
  assert.deepEqual([page.page, page.workloads, page.pageRounds, page.rounds], [true, [], 5, 3]);
  assert.equal(parseOptions(['page', '--rounds', '2']).pageRounds, 2);
});
