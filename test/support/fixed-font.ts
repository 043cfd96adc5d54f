import type { FontBits } from '../../bench/painter/font.ts';

/** Size of a character in pixels. */
const [WIDTH, HEIGHT] = [6, 13];
const CHARACTERS = 95;

/** The bits of the printable ASCII characters side by side, row by row, in Base64. */
const BITS = [
  'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  'AAAEQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAcAcAAIAAAAAAAAAAAAAAAAAAAAAAAAAAGAwAAIUAISAIII',
  'IAAAACIIc+E+c+ccAACAgccI8c8++cicOigiic8c8c+iiiii+QgEIAEAgACAMAgAAgYAAAAAAAAAAAAAAIIISAIUUeqQIIIqAAAA',
  'CUYiCEgiCiiAAEAQiiUSiSggiiIEigiyiiiiiIiiiiiCQgEUAAAgACASAgIEgIAAAAAAAQAAAAAAIIIqAIUUoUoIQEcIAAAEioiE',
  'MggEiiIIIAIiiiSgSgggiIEkg2yiiiigIiiiUUEQQEiAAAgACAQAgAAgIAAAAAAAQAAAAAAIIIkAIA+oEoAQEqIAAAEiICIUsgEi',
  'iccQ+ECmiSgSgggiIEogqqiiiigIiiiUUEQQEAAAc8cecQcsYMkI0sc8esc8iiiii+IIIAAIAUcIQAQEI+A+AIiIEcUy8IceIIgA',
  'CEqicgS88g+IEwgqqi8i8cIiUqIIIQIEAAACiiii8iyIEoIqyiiiyiQiiiUiEwIGAAIA+KQoAQEAIAAAQiIICkCiIiCAAQAEIq+S',
  'gSggmiIEogimigioCIiUqUIQQEEAAAeigi+QiiIEwIqiiiigYQiiqIiIIIIAAIAUKUmAQEAIAAAQiIQC+CiQiCAAI+IIsiSgSggi',
  'iIEkgimigikCIiUqUIQQEEAAAiigigQiiIEoIqiiiigEQiUqImQIIIAAAAU8qkAIIAAMAIgUIgiEiiQiiIMEAQAgiSiSggiiIkig',
  'iiigqiiIiIqiIgQCEAAAmiiiiQeiIEkIqii8egiSmUqUagIIIAAIAAIkaAIIAAIAcgI++cEccQcccICAgIei8c8+gcicYi+iicgc',
  'icIcIUiI+QCEAAAa8cecQCickiciicgCgcMaIUiC+IIIAAAAAAAAAEQAAQAIAAAAAAAAAAAIQAAAAAAAAAAAAAAAAAAAAACAAAAA',
  'AAAAcAcA+AAAAAAAiAAkAAAAAgCAAAAAAAiAGAwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  'AAAAAAAAAAAcAAYAAAAAgCAAAAAAAcAAAAAA',
].join('');

/** The font "fixed" that X servers have built in (6x13, in the public domain), for tests without an X server. */
export function fixedFont(): FontBits {
  const bytes = Buffer.from(BITS, 'base64');
  const width = WIDTH * CHARACTERS;
  const bits = Uint8Array.from({ length: width * HEIGHT }, (_, i) => (bytes[i >> 3]! >> (7 - (i & 7))) & 1);
  return { width: WIDTH, height: HEIGHT, bits };
}
