import type { ProgramScene } from '../../scenes/program-scenes.ts';
import type { Picture } from '../picture.ts';
import { createRandom } from '../random.ts';

const WORDS =
  'the server keeps what each viewer still lacks and sends it when the link allows so a slow viewer never delays a fast one while text stays sharp and pictures wait'.split(
    ' ',
  );
/** Articles of a page: a hundred screens and more, so that no turn of the wheel reaches the end. */
const ARTICLES = 200;
const ROWS = 600;
const COLUMNS = 26;

type Random = () => number;

const words = (random: Random, count: number): string =>
  Array.from({ length: count }, () => WORDS[Math.floor(random() * WORDS.length)]!).join(' ');

/** Returns a web page with headlines, paragraphs, code and photographs under a header that stays. */
export function webPage({ content, style }: ProgramScene, photo: string): string {
  const random = createRandom(content);
  const [paper, ink, link] =
    style.theme === 'dark' ? ['#1e2227', '#d8dce0', '#7fb4f0'] : ['#ffffff', '#24292f', '#0550ae'];
  const article = (): string => {
    const image = `<div class="photo" style="background-position:-${Math.floor(random() * 500)}px -${Math.floor(random() * 300)}px"></div>`;
    const code = `<pre>${Array.from({ length: 6 }, () => words(random, 8)).join('\n')}</pre>`;
    return `<h2>${words(random, 5)}</h2>${random() < 0.5 ? image : ''}<p>${words(random, 90)} <a href="#">${words(random, 3)}</a></p>${random() < 0.4 ? code : ''}`;
  };
  return `<!doctype html><meta charset="utf-8"><title>page</title><style>
body{margin:0;background:${paper};color:${ink};font:${Math.round(style.pitchPx * 0.7)}px/${style.pitchPx}px sans-serif}
header{position:fixed;top:0;left:0;right:0;height:56px;background:${link};color:${paper}}
main{max-width:60em;margin:80px auto}a{color:${link}}pre{font-family:monospace;border:1px solid ${link}}
.photo{width:640px;height:280px;background-image:url(${photo})}</style>
<header>${words(random, 6)}</header><main>${Array.from({ length: ARTICLES }, article).join('\n')}</main>`;
}

/** Returns a spreadsheet as flat OpenDocument XML. */
export function spreadsheet({ content, style }: ProgramScene): string {
  const random = createRandom(content);
  const cell = (column: number): string => {
    if (random() < 0.2) return '<table:table-cell/>';
    if (column % 4 === 1) {
      return `<table:table-cell office:value-type="string"><text:p>${words(random, 2)}</text:p></table:table-cell>`;
    }
    const value = (random() * 1e5).toFixed(2);
    return `<table:table-cell office:value-type="float" office:value="${value}"><text:p>${value}</text:p></table:table-cell>`;
  };
  const row = (): string =>
    `<table:table-row table:style-name="ro1">${Array.from({ length: COLUMNS }, (_, i) => cell(i)).join('')}</table:table-row>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.spreadsheet">
<office:automatic-styles><style:style style:name="ro1" style:family="table-row"><style:table-row-properties style:row-height="${style.pitchPx}px"/></style:style></office:automatic-styles>
<office:body><office:spreadsheet><table:table table:name="Sheet">${Array.from({ length: ROWS }, row).join('\n')}</table:table></office:spreadsheet></office:body></office:document>`;
}

/** Settings of LibreOffice without a dialog at the first start. */
export const OFFICE_SETTINGS = `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Common/Misc"><prop oor:name="ShowTipOfTheDay" oor:op="fuse"><value>false</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Misc"><prop oor:name="FirstRun" oor:op="fuse"><value>false</value></prop></item>
</oor:items>`;

/** Returns a picture as a BMP file. */
export function toBmp({ width, height, pixels }: Picture): Buffer {
  const header = Buffer.alloc(54);
  header.write('BM');
  header.writeUInt32LE(54 + pixels.byteLength, 2);
  header.writeUInt32LE(54, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(width, 18);
  // Negative: from the top down.
  header.writeInt32LE(-height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(32, 28);
  return Buffer.concat([header, Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength)]);
}
