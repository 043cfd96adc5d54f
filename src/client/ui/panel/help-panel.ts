import { barText as text } from '../../text/bar-texts.ts';
import { h } from '../dom.ts';
import type { Panel } from '../panels.ts';

/** What keys and fingers do in the page. */
export function helpPanel(): Panel {
  const rows = [
    ['Ctrl Alt Shift M', text('helpToolbar')],
    [text('helpDockKeys'), text('helpDock')],
    ['Esc', text('helpLeave')],
    [text('gestureTap'), text('helpTap')],
    [text('gestureLongPress'), text('helpLongPress')],
    [text('gestureTwoFingers'), text('helpTwoFingers')],
    [text('gestureThreeFingers'), text('helpThreeFingers')],
  ] as const;
  const list = h('dl', { class: 'help' });
  for (const [what, does] of rows) list.append(h('dt', {}, what), h('dd', {}, does));
  return { title: 'help', content: [list] };
}
