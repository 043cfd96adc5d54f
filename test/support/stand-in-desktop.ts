// Takes the place of a desktop's server in tests of the fleet alone: listens where it is told to, is ready, and no more.
import { createServer } from 'node:http';

const place = process.argv[process.argv.indexOf('--listen') + 1];
const server = createServer((_request, response) => response.end('ready'));
process.once('SIGTERM', () => process.exit());
server.listen(place!.slice('unix:'.length));
