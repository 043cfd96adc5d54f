// node run-in-node.js URL TOKEN CERTIFICATE: runs the scenario in this Node.js, beside an installed client library.
import { readFileSync } from 'node:fs';
import * as sdk from 'deskwire/sdk';
import { nodeFetch } from 'deskwire/sdk/node';
import { scenario } from './scenario.js';

const [, , url, token, certificate] = process.argv;
const fetch = nodeFetch({ ca: readFileSync(certificate) });
const result = await scenario(sdk, { url, token, fetch }, `node-${process.versions.node}`);
console.log(JSON.stringify({ version: process.versions.node, result }));
