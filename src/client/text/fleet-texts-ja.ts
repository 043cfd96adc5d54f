import type { FleetTexts } from './fleet-texts-en.ts';

/** The texts of the list of desktops, in Japanese. */
export const FLEET_TEXTS: FleetTexts = {
  // The list.
  desktops: 'デスクトップ',
  none: '表示できるデスクトップはありません。',
  noneYet: 'デスクトップはまだありません。「新しいデスクトップ」で作成できます。',
  find: 'デスクトップを検索',
  noneFound: 'この文字列を名前に含むデスクトップはありません。',

  // States, and since when. `{time}` is a time of day.
  starting: '起動中',
  running: '実行中',
  leaving: '削除中',
  pausedAt: '{time} から一時停止中。',
  endedAt: '{time} に終了。',
  lostAt: '{time} に消失。',

  // Why a desktop is so. `{time}` is a duration.
  whyIdle: '{time}の間、閲覧者がいませんでした。',
  whyAgain: '再起動しています。',
  whyAway: 'フリートの停止中に終了しました。',
  whyHost: 'ホストが応答しません。',
  whyHostLost: 'ホストが失われている間に終了しました。',
  whyHostGone: 'ホストが削除されました。',
  whyNoPort: 'ホストに空きポートがありません。',
  whyElsewhere: 'ホストが応答しないため、別のホストで新しく起動しています。',
  whyOutside: '起動した側で終了されました。',
  whySlow: '時間内に起動しませんでした。',
  whyNot: '起動しませんでした。',
  whyNotAgain: '起動しなかったため、再起動しています。',
  whyItself: '自ら終了しました。',
  whyItselfAgain: '自ら終了したため、再起動しています。',

  // Who is connected.
  viewers: '閲覧者: {count}',
  nobody: '誰も接続していません',
  connected: '接続中の人',
  more: 'ほか {count} 人',
  slowNetwork: 'ネットワークが低速: {grade}/10',
  slowServer: 'サーバーが高負荷: {grade}/10',

  // What owners can do.
  ofDesktop: '{what}: {name}',
  actions: '操作',
  pause: '一時停止',
  resume: '再開',
  start: '起動',
  restart: '再起動',
  remove: '削除',
  removed: '{name} は削除されました',
  restartTitle: '{name} を再起動しますか？',
  restartWhy: 'プログラムはすべて終了します。ファイルは残ります。',
  removeTitle: '{name} を削除しますか？',
  removeWhy: 'プログラムは終了し、ファイルはすべて削除されます。元に戻せません。',
  othersConnected: '現在接続中の閲覧者: {count}。',
  cancel: 'キャンセル',

  // A new desktop.
  newDesktop: '新しいデスクトップ',
  name: '名前',
  nameHint: '英小文字、数字と、その間のハイフン。例: lab-7',
  template: 'テンプレート',
  usual: 'なし: 通常のデスクトップ',
  create: '作成',

  // Why something was refused.
  nameInvalid: 'この名前は使えません。英小文字 a～z、数字と、その間のハイフンで、40 文字までです。',
  nameTaken: '{name} という名前のデスクトップはすでにあります。',
  templateGone: 'このテンプレートは削除されました。別のものを選んでください。',
  desktopGone: '{name} は削除されたか、表示する権限がなくなりました。',
  full: '同時に実行できる数のデスクトップがすでに動いています。先にどれかを終了するか削除してください。',
  noRight: 'この操作の権限がありません。',
  storeFull: 'ディスクまたは保存領域がいっぱいで、フリートは何も保存できません。管理者に知らせてください。',
  storeAway: 'フリートは今、変更を受け付けられません。しばらくしてからもう一度お試しください。',
  refused: 'サーバーが拒否しました: {detail}',

  // The page of a desktop that is not there.
  isStarting: 'デスクトップは起動中です',
  isPaused: 'デスクトップは一時停止中です',
  hasEnded: 'デスクトップは終了しました',
  isLost: 'デスクトップは失われました',
  comesHere: '実行されるとここに表示されます。',
  wasRemoved: 'デスクトップは削除されました',
  wasRemovedWhy: 'プログラムは終了し、ファイルは削除されました。',
  isGone: 'デスクトップはもうありません',
  isGoneWhy: '削除されたか、表示する権限がなくなりました。',
  isUnknown: 'このデスクトップはありません',
  isUnknownWhy: 'このアドレスのデスクトップはないか、表示する権限がありません。',
};
