/** The text of a style sheet, which the bundler puts in place of an import with `{ type: 'text' }`. */
declare module '*.css' {
  const text: string;
  export default text;
}
