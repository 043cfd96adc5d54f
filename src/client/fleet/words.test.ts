import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { preparedTest } from '../../../test/support/prepared-test.ts';
import { loadFleetTexts } from '../text/fleet-texts.ts';
import { loadLanguage } from '../text/texts.ts';
import { explainAbsence } from './explain-absence.ts';
import { slowness } from './viewer-list.ts';
import { KNOWN_REASONS, moment, sayReason } from './words.ts';

const test = preparedTest((t) =>
  t.after(async () => {
    await loadLanguage([]);
    await loadFleetTexts();
  }),
);

const HOST = readFileSync(join(import.meta.dirname, '../../fleet/host/own-desktop.ts'), 'utf8');
const SECONDS = 600;

/** The sentences with which a host says why a desktop is as it is. */
const SENTENCES = [...HOST.matchAll(/['`](It[s ][^'`]*\.)['`]/g)].map(([, sentence]) =>
  sentence!.replace(/\$\{[^}]*\}/, String(SECONDS)),
);

async function speak(language: string): Promise<void> {
  await loadLanguage([language]);
  await loadFleetTexts();
}

test('the page has each sentence in its languages with which a host explains a state', async () => {
  assert.ok(SENTENCES.length >= 5, `${SENTENCES}`);
  for (const sentence of SENTENCES)
    assert.ok(
      KNOWN_REASONS.some(([form]) => form.test(sentence)),
      `${sentence} is none of KNOWN_REASONS`,
    );
  await speak('de');
  for (const sentence of SENTENCES) assert.notEqual(sayReason(sentence), sentence);
});

test('a duration is said in the largest unit of which it has two, and an unknown reason as it is', async () => {
  await speak('en');
  const idle = (seconds: number): string => sayReason(`It had no viewer for ${seconds} s.`);
  assert.equal(idle(1), 'It had no viewer for 1 second.');
  assert.equal(idle(119), 'It had no viewer for 119 seconds.');
  assert.equal(idle(600), 'It had no viewer for 10 minutes.');
  assert.equal(idle(7200), 'It had no viewer for 2 hours.');
  assert.equal(sayReason('Its host lab-a does not answer since 10:42.'), 'Its host does not answer.');
  assert.match(sayReason('It is started anew on b, because its host a does not answer.'), /on another host/);
  assert.equal(sayReason('The moon is full.'), 'The moon is full.');
  assert.equal(sayReason(''), '');
});

test('a moment of today is a time, and any other has its day', async () => {
  await speak('de');
  const now = new Date(2026, 10, 29, 12, 0);
  assert.equal(moment(new Date(2026, 10, 29, 10, 42).getTime(), now), '10:42');
  assert.match(moment(new Date(2026, 10, 28, 10, 42).getTime(), now), /28.*2026.*10:42/);
});

test('a desktop that does not run is explained with its state, since when and why, and waited for', async () => {
  const sinceMs = new Date().setHours(10, 42, 0, 0);
  const code = 'FLEET_DESKTOP_NOT_RUNNING';
  const reason = 'The desktop is lost. Its host does not answer.';
  const lost = { status: 503, code, reason, desktop: { state: 'lost', sinceMs } } as const;
  const absence = await explainAbsence(lost, true);
  assert.equal(absence?.title, 'The desktop is lost');
  assert.match(absence?.reason ?? '', /^Lost at 10:42.*\. Its host does not answer\. It appears here/);
  assert.equal(absence?.isOver, false);
  const starting = {
    ...lost,
    reason: 'The desktop is starting.',
    desktop: { state: 'starting', sinceMs },
  } as const;
  assert.equal((await explainAbsence(starting, false))?.reason, 'It appears here as soon as it runs.');
  // An older fleet says no state.
  assert.equal(await explainAbsence({ status: 503, code, reason }, true), undefined);
});

test('a desktop that was removed is told from one that never was, or that the user may no longer see', async () => {
  const refusal = { status: 404, code: 'FLEET_NO_SUCH_DESKTOP' } as const;
  const titleOf = async (reason: string | undefined, wasThere: boolean): Promise<string | undefined> => {
    const absence = await explainAbsence({ ...refusal, reason }, wasThere);
    assert.equal(absence?.isOver, true);
    return absence.title;
  };
  assert.equal(await titleOf('The desktop is being removed.', true), 'The desktop was removed');
  assert.equal(await titleOf(undefined, true), 'The desktop is no longer there');
  assert.equal(await titleOf(undefined, false), 'There is no such desktop');
});

test('what holds a viewer up is said with its number, and nothing of a viewer that is fine', () => {
  assert.equal(slowness({ cpu: 10, network: 5 }), '');
  assert.equal(slowness({ cpu: 10, network: 2.14 }), 'slow network: 2.1 of 10');
  assert.equal(slowness({ cpu: 0, network: 0 }), 'slow network: 0 of 10, busy server: 0 of 10');
});
