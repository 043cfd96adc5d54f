# Sourced by the scripts in this folder, in the checkout's root: sets up what is missing for $purpose (see setup.mjs),
# then sets $NODE to the Node.js that runs the product.

set -eu

# npm puts node_modules/.bin first, where a `node` of our own lies. What sets up may replace that very folder, so it
# runs on the system's Node.js.
PATH=$(printf %s "$PATH" | tr : '\n' | grep -v '/node_modules/\.bin$' | grep -v '/node-gyp-bin$' | paste -sd : -)
export PATH

# In the background, because a shell that waits for a foreground command does not see signals until that has ended.
# Such a command's standard input is closed by the shell, which is what setup wants.
setup=
trap 'stop_setup TERM; exit 143' TERM
trap 'stop_setup INT; exit 130' INT
stop_setup() {
  [ -z "$setup" ] || { kill -"$1" "$setup" 2>/dev/null; wait "$setup"; } || :
}
node scripts/setup.mjs "$purpose" &
setup=$!
wait $setup || exit $?
trap - TERM INT

NODE=node
for bundled in node_modules/node-linux-*/bin/node; do
  if [ -x "$bundled" ]; then NODE=$bundled; fi
done
