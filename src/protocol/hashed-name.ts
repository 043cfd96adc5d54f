/**
 * A name with a hash of the contents, such as `main-K3J5QZ7A.js`: a file of the page that never changes. The build
 * makes such names, the server has browsers keep the files, and the page's service worker keeps them, too.
 */
export const HASHED_NAME = /-[A-Z0-9]{8}\.[a-z0-9.]+$/;
