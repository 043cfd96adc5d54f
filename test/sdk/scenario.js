/**
 * Uses the client library as a program does, on any platform. Resolves with what happened, as JSON can hold it.
 * `prefix` begins the names of the users that it makes.
 */
export async function scenario({ connect, hasCode, DeskwireError }, options, prefix) {
  const desk = connect(options);
  const names = [`${prefix}-1`, `${prefix}-ü`];
  const events = desk.events();
  const first = await events.next();

  await desk.createUserBulk(names.map((user) => ({ user, password: 'a-long-secret', read: true })));
  const listed = (await desk.getUsers()).filter(({ user }) => names.includes(user));

  const added = [];
  for await (const event of events) {
    if (event.type === 'user_changed' && event.user.startsWith(prefix)) added.push(event.user);
    if (added.length === names.length) break;
  }

  const picture = await desk.getScreenshot({ width: 64, format: 'png' });
  const refusal = await desk
    .createUser({ name: names[0], password: 'another-secret' })
    .catch((error) => error);
  const stopped = new AbortController();
  stopped.abort(new Error('enough'));
  const abort = await desk.getUsers({ signal: stopped.signal }).catch((error) => error.message);
  await desk.putClipboard({ content: new Blob(['Grüße']) });
  const { url } = await desk.postTickets({ guest: 'Anna' });

  await desk.removeUserBulk(names.map((user) => ({ user })));
  return {
    first: first.value.type,
    listed: listed.length,
    added,
    picture: Array.from(picture.subarray(1, 4)),
    refusal: [
      refusal instanceof DeskwireError,
      refusal.code,
      refusal.status,
      hasCode(refusal, 'ACCOUNTS_USER_EXISTS'),
    ],
    abort,
    clipboard: await desk.clipboard(),
    ticket: url.includes('#ticket='),
  };
}
