import type { FleetTexts } from './fleet-texts-en.ts';

/** The texts of the list of desktops, in Japanese. */
export const FLEET_TEXTS: FleetTexts = {
  desktops: 'デスクトップ',
  none: '表示できるデスクトップはありません。',
  starting: '起動中',
  running: '実行中',
  paused: '一時停止',
  ended: '終了',
  lost: '消失',
  leaving: '削除中',
  viewers: '閲覧者: {count}',
  open: '{name} を開く',
  pause: '一時停止',
  resume: '再開',
  start: '起動',
  restart: '再起動',
  remove: '削除',
  reallyRestart: '{name} を再起動しますか？プログラムはすべて終了します。',
  reallyRemove: '{name} をすべてのファイルとともに削除しますか？',
  newDesktop: '新しいデスクトップ',
  create: '作成',
};
