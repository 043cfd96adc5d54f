import assert from 'node:assert/strict';
import { test } from 'node:test';
import { htmlFromWindows, windowsHtmlFrame } from './clipboard-html.ts';

test('a fragment of HTML survives its way through the form that Windows uses', () => {
  for (const html of ['', '<b>fett</b>', 'ü'.repeat(100_000)]) {
    const fragment = Buffer.from(html);
    const { before, after } = windowsHtmlFrame(fragment.length);
    const whole = Buffer.concat([before, fragment, after]);
    assert.equal(Buffer.from(htmlFromWindows(whole)).toString(), html);
    const placeOf = (name: string) => Number(new RegExp(`${name}:(\\d{10})`).exec(whole.toString())?.[1]);
    assert.equal(whole.subarray(placeOf('StartHTML')).indexOf('<html>'), 0);
    assert.equal(placeOf('EndHTML'), whole.length);
  }
});

test('HTML without a header, or with places outside of it, is taken as it is', () => {
  for (const html of ['<b>x</b>', 'Version:0.9\r\nStartFragment:5\r\nEndFragment:4000\r\n', 'Version:'])
    assert.equal(Buffer.from(htmlFromWindows(Buffer.from(html))).toString(), html);
});
