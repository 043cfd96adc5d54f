/** Grid units from one character to the next, and height of a line. */
export const ADVANCE = 6;
export const LINE = 10;

/**
 * Strokes of the characters from space to tilde, drawn for Deskwire. Each stroke is a list of points of two digits: the
 * column 0-4, and the row 0-8 from the top. Capitals reach from row 0 to 6, small letters begin in row 2, descenders end
 * in row 8. A stroke of one point twice is a dot.
 */
const STROKES: Readonly<Record<string, string>> = {
  ' ': '',
  '!': '2024 2626',
  '"': '1012 3032',
  '#': '1016 3036 0242 0444',
  $: '413010010213334445361605 2026',
  '%': '4006 0010110100 3545463635',
  '&': '46121120313204051626 2644',
  "'": '2022',
  '(': '30212536',
  ')': '10212516',
  '*': '2125 1234 3214',
  '+': '2125 0343',
  ',': '252617',
  '-': '1333',
  '.': '2626',
  '/': '4006',
  '0': '103041453616050110 1432',
  '1': '112026 1636',
  '2': '01103041420646',
  '3': '0110304142334445361605 1333',
  '4': '36300444',
  '5': '400002324345361605',
  '6': '413010010516364544331304',
  '7': '004016',
  '8': '130201103041423313 130405163645443313',
  '9': '051636454130100102133342',
  ':': '2323 2626',
  ';': '2323 252617',
  '<': '410345',
  '=': '0242 0444',
  '>': '014305',
  '?': '011030414223 2324 2626',
  '@': '46160501103041443532 332213142535',
  A: '062046 1434',
  B: '0006 003041423303 3344453606',
  C: '4130100105163645',
  D: '00062644422000',
  E: '40000646 0333',
  F: '400006 0333',
  G: '41301001051636454323',
  H: '0006 4046 0343',
  I: '1030 2026 1636',
  J: '4045361605',
  K: '0006 400346',
  L: '000646',
  M: '0600234046',
  N: '06004640',
  O: '103041453616050110',
  P: '06003041423303',
  Q: '103041453616050110 2446',
  R: '06003041423303 2346',
  S: '413010010213334445361605',
  T: '0040 2026',
  U: '000516364540',
  V: '002640',
  W: '0016233640',
  X: '0046 4006',
  Y: '002340 2326',
  Z: '00400646',
  '[': '30101636',
  '\\': '0046',
  ']': '10303616',
  '^': '022042',
  _: '0747',
  '`': '1021',
  a: '12324346 441405163645',
  b: '0006 0312324345361605',
  c: '4332120305163645',
  d: '4046 4332120305163645',
  e: '04444332120305163645',
  f: '40302126 1232',
  g: '42473818 4332120305163645',
  h: '0006 03123243 4346',
  i: '2226 2020',
  j: '32372818 3030',
  k: '0006 4204 2346',
  l: '202536',
  m: '0206 03122326 23324346',
  n: '0206 03123243 4346',
  o: '123243453616050312',
  p: '0208 0312324345361605',
  q: '4248 4332120305163645',
  r: '0206 042242',
  s: '4212031434453606',
  t: '20253646 1242',
  u: '0205163645 4246',
  v: '022642',
  w: '0216243642',
  x: '0246 4206',
  y: '0226 4218',
  z: '02420646',
  '{': '30212213242536',
  '|': '2027',
  '}': '10212233242516',
  '~': '03123342',
};

/** A line from one point to the next, in grid units. */
export interface Segment {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

const SEGMENTS: ReadonlyMap<string, readonly Segment[]> = new Map(
  Object.entries(STROKES).map(([character, strokes]) => [
    character,
    strokes.split(' ').flatMap((stroke) => segmentsOf([...stroke].map(Number))),
  ]),
);

/** The strokes of a printable character of ASCII; undefined for all others. */
export const segmentsOfCharacter = (character: string): readonly Segment[] | undefined =>
  SEGMENTS.get(character);

function segmentsOf(digits: readonly number[]): Segment[] {
  const segments: Segment[] = [];
  for (let at = 0; at + 3 < digits.length; at += 2) {
    const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = digits.slice(at, at + 4);
    segments.push({ x0, y0, x1, y1 });
  }
  return segments;
}
