import assert from 'node:assert/strict';
import { test } from 'node:test';
import { templateFault, templatePeriodMs, writeTemplate } from './template.ts';

const TIME = new Date('2026-03-05T14:07:09Z');
const write = (template: string, timeZone = 'UTC') =>
  writeTemplate(template, { USER: '$& ${ADDRESS} %Y', ADDRESS: '10.0.0.1' }, TIME, timeZone);

test('a watermark’s template is written with the user, the address and the time', () => {
  assert.equal(write('${ADDRESS} at %F %T'), '10.0.0.1 at 2026-03-05 14:07:09');
  assert.equal(write('%d.%m.%y, %I:%M %p, 100%%'), '05.03.26, 02:07 PM, 100%');
  assert.equal(write('%a %A %b %B %e %D %R %S %H %Y'), 'Thu Thursday Mar March  5 03/05/26 14:07 09 14 2026');
  assert.equal(write('%H:%M', 'Australia/Adelaide'), '00:37');
  assert.equal(write('%Z'), 'UTC');
});

test('a user’s name is not read as a template', () => {
  assert.equal(write('<${USER}>'), '<$& ${ADDRESS} %Y>');
});

test('a template names no variable and no directive that does not exist', () => {
  for (const good of ['', 'text', '${USER}${ADDRESS}', '%H%%', '$USER {USER}'])
    assert.equal(templateFault(good), undefined);
  for (const bad of ['${HOME}', '${}', '%Q', '50%', '% d', '%toString']) assert.ok(templateFault(bad), bad);
});

test('a text is written again as often as its directives can change it', () => {
  assert.equal(templatePeriodMs('${USER}'), undefined);
  assert.equal(templatePeriodMs('100%%'), undefined);
  assert.equal(templatePeriodMs('%F %H:%M'), 60_000);
  assert.equal(templatePeriodMs('%F %T'), 1000);
  assert.equal(templatePeriodMs('%%S'), undefined);
});
