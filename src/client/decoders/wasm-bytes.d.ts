/** The bytes of a WebAssembly module, which the bundler puts in place of an import. */
declare module '*.wasm' {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
