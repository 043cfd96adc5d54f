/**
 * Loaded into a server by `--import`: each of its threads collects its garbage when the process gets SIGUSR2. Without
 * that, V8's heaps rise and fall with the load by tens of MiB, over minutes, and hide what a leak leaves.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BroadcastChannel, isMainThread } from 'node:worker_threads';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const channel = new BroadcastChannel('collect garbage');
channel.onmessage = collect;
channel.unref();
if (isMainThread) {
  process.on('SIGUSR2', () => {
    channel.postMessage(undefined);
    collect();
  });
}
