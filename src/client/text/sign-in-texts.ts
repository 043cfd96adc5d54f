import type { TextTable } from './text-table.ts';

/** Texts about logging in and out, and about why the server refuses. */
export const SIGN_IN_TEXTS = {
  signIn: ['Sign in', 'Anmelden', 'Se connecter', 'Iniciar sesión', 'ログイン'],
  signingIn: ['Signing in', 'Anmeldung läuft', 'Connexion en cours', 'Iniciando sesión', 'ログイン中'],
  userName: ['Name', 'Name', 'Nom', 'Nombre', '名前'],
  password: ['Password', 'Passwort', 'Mot de passe', 'Contraseña', 'パスワード'],
  staySignedIn: [
    'Stay signed in for 30 days',
    '30 Tage angemeldet bleiben',
    'Rester connecté pendant 30 jours',
    'Mantener la sesión durante 30 días',
    '30日間ログイン状態を保持する',
  ],
  signOut: ['Sign out', 'Abmelden', 'Se déconnecter', 'Cerrar sesión', 'ログアウト'],
  signOutOf: [
    'Sign out ({user})',
    'Abmelden ({user})',
    'Se déconnecter ({user})',
    'Cerrar sesión ({user})',
    'ログアウト（{user}）',
  ],
  otherUser: [
    'Sign in as someone else',
    'Als jemand anderes anmelden',
    'Se connecter sous un autre nom',
    'Iniciar sesión con otro usuario',
    '別のユーザーでログイン',
  ],
  tryAgain: ['Try again', 'Erneut versuchen', 'Réessayer', 'Intentar de nuevo', '再試行'],

  wrongPassword: [
    'The name or the password is wrong.',
    'Der Name oder das Passwort ist falsch.',
    'Le nom ou le mot de passe est incorrect.',
    'El nombre o la contraseña no son correctos.',
    '名前またはパスワードが正しくありません。',
  ],
  throttled: [
    'Too many wrong passwords. You can try again in {seconds} s.',
    'Zu viele falsche Passwörter. In {seconds} s können Sie es wieder versuchen.',
    'Trop de mots de passe incorrects. Vous pourrez réessayer dans {seconds} s.',
    'Demasiadas contraseñas incorrectas. Podrá intentarlo de nuevo en {seconds} s.',
    'パスワードの誤りが多すぎます。{seconds} 秒後に再試行できます。',
  ],
  tryNow: [
    'You can try again now.',
    'Sie können es jetzt wieder versuchen.',
    'Vous pouvez réessayer maintenant.',
    'Ya puede intentarlo de nuevo.',
    '再試行できます。',
  ],
  linkOver: [
    'This link is no longer valid. Ask for a new one, or sign in with your name and password.',
    'Dieser Link gilt nicht mehr. Bitten Sie um einen neuen, oder melden Sie sich mit Name und Passwort an.',
    'Ce lien n’est plus valable. Demandez-en un autre, ou connectez-vous avec nom et mot de passe.',
    'Este enlace ya no es válido. Pida otro, o inicie sesión con su nombre y contraseña.',
    'このリンクは無効になりました。新しいリンクを依頼するか、名前とパスワードでログインしてください。',
  ],
  serverBusy: [
    'The server is busy. Try again in a moment.',
    'Der Server ist beschäftigt. Versuchen Sie es gleich noch einmal.',
    'Le serveur est occupé. Réessayez dans un instant.',
    'El servidor está ocupado. Inténtelo de nuevo en un momento.',
    'サーバーが混み合っています。しばらくしてから再試行してください。',
  ],

  sessionOver: [
    'Your session has ended. Sign in to go on; programs on the desktop keep running.',
    'Ihre Sitzung ist abgelaufen. Melden Sie sich wieder an; Programme auf dem Desktop laufen weiter.',
    'Votre session est terminée. Reconnectez-vous ; les programmes du bureau continuent.',
    'Su sesión ha terminado. Inicie sesión para seguir; los programas del escritorio continúan.',
    'セッションが終了しました。続けるにはログインしてください。デスクトップのプログラムは動作し続けます。',
  ],
  signedOutByUser: [
    'You have signed out. Programs on the desktop keep running.',
    'Sie haben sich abgemeldet. Programme auf dem Desktop laufen weiter.',
    'Vous vous êtes déconnecté. Les programmes du bureau continuent.',
    'Ha cerrado la sesión. Los programas del escritorio continúan.',
    'ログアウトしました。デスクトップのプログラムは動作し続けます。',
  ],
  browserRemembers: [
    'The browser itself still knows your password for this server. It forgets it when you close it.',
    'Der Browser selbst kennt Ihr Passwort für diesen Server noch. Er vergisst es, wenn Sie ihn schließen.',
    'Le navigateur connaît encore votre mot de passe pour ce serveur. Il l’oublie quand vous le fermez.',
    'El propio navegador aún conoce su contraseña de este servidor. La olvida cuando lo cierra.',
    'ブラウザー自体はこのサーバーのパスワードをまだ記憶しています。ブラウザーを閉じると消えます。',
  ],
  signOutFailed: [
    'The server did not answer, so it may not know yet. Sign in and out again when it is back.',
    'Der Server hat nicht geantwortet und weiß es vielleicht nicht. Melden Sie sich später erneut an und ab.',
    'Le serveur n’a pas répondu et ne le sait peut-être pas. Reconnectez-vous puis déconnectez-vous plus tard.',
    'El servidor no respondió y quizá no lo sepa. Inicie y cierre la sesión cuando vuelva.',
    'サーバーが応答しませんでした。復帰後にもう一度ログインしてログアウトしてください。',
  ],
  userRemoved: [
    'This user was removed.',
    'Dieser Benutzer wurde entfernt.',
    'Cet utilisateur a été supprimé.',
    'Este usuario fue eliminado.',
    'このユーザーは削除されました。',
  ],
  passwordChanged: [
    'The password was changed. Sign in with the new one.',
    'Das Passwort wurde geändert. Melden Sie sich mit dem neuen an.',
    'Le mot de passe a changé. Connectez-vous avec le nouveau.',
    'La contraseña cambió. Inicie sesión con la nueva.',
    'パスワードが変更されました。新しいパスワードでログインしてください。',
  ],
  loginEnded: [
    'This login was ended. Ask for a new link, or sign in.',
    'Diese Anmeldung wurde beendet. Bitten Sie um einen neuen Link, oder melden Sie sich an.',
    'Cette connexion a été fermée. Demandez un nouveau lien, ou connectez-vous.',
    'Este acceso fue terminado. Pida otro enlace, o inicie sesión.',
    'このログインは終了しました。新しいリンクを依頼するか、ログインしてください。',
  ],
  replacedWhy: [
    'Another connection has taken over this desktop. Connect again to take it back.',
    'Eine andere Verbindung hat diesen Desktop übernommen. Verbinden Sie neu, um ihn zurückzuholen.',
    'Une autre connexion a pris ce bureau. Reconnectez-vous pour le reprendre.',
    'Otra conexión ha tomado este escritorio. Conecte de nuevo para recuperarlo.',
    '別の接続がこのデスクトップを引き継ぎました。再接続すると取り戻せます。',
  ],
  endedByOwner: [
    'An owner of this desktop has ended your connection.',
    'Ein Besitzer dieses Desktops hat Ihre Verbindung beendet.',
    'Un propriétaire de ce bureau a mis fin à votre connexion.',
    'Un propietario de este escritorio ha terminado su conexión.',
    'デスクトップの所有者が接続を終了しました。',
  ],
  shuttingDown: [
    'The server is shutting down.',
    'Der Server wird beendet.',
    'Le serveur s’arrête.',
    'El servidor se está apagando.',
    'サーバーを停止しています。',
  ],
  inUse: [
    'The desktop is in use',
    'Der Desktop ist in Gebrauch',
    'Le bureau est utilisé',
    'El escritorio está en uso',
    'デスクトップは使用中です',
  ],
  inUseWhy: [
    'Another user has this desktop, and it is for one viewer at a time. You are let in when that user has left.',
    'Jemand anderes hat diesen Desktop, und er ist für einen zur Zeit. Sie kommen hinein, sobald er frei ist.',
    'Quelqu’un d’autre a ce bureau, réservé à une personne à la fois. Vous entrerez quand il sera libre.',
    'Otra persona tiene este escritorio, y es para una a la vez. Entrará cuando quede libre.',
    '他のユーザーが使用中です。同時に使えるのは一人だけです。空くと接続します。',
  ],
  originRefused: [
    'The server refuses this page’s address',
    'Der Server lehnt die Adresse dieser Seite ab',
    'Le serveur refuse l’adresse de cette page',
    'El servidor rechaza la dirección de esta página',
    'サーバーがこのページのアドレスを拒否しました',
  ],
  originRefusedWhy: [
    'Show this to whoever runs the server, and try again when it is mended:',
    'Zeigen Sie dies der Person, die den Server betreibt, und versuchen Sie es danach erneut:',
    'Montrez ceci à la personne qui gère le serveur, puis réessayez :',
    'Muestre esto a quien administra el servidor, e inténtelo de nuevo después:',
    'サーバーの管理者に次の内容を伝え、修正後に再試行してください：',
  ],
  socketRefused: [
    'The page has loaded, but the browser cannot open the connection for the picture. Either it does not trust the ' +
      'server’s certificate (Safari then opens pages and nothing else): have cert.pem of the server’s data folder ' +
      'trusted on this device. Or a proxy does not pass on WebSockets.',
    'Die Seite ist geladen, doch der Browser kann die Verbindung für das Bild nicht öffnen. Entweder traut er dem ' +
      'Zertifikat des Servers nicht (Safari öffnet dann nur Seiten): Lassen Sie cert.pem aus dem Datenordner des ' +
      'Servers auf diesem Gerät gelten. Oder ein Proxy reicht WebSockets nicht weiter.',
    'La page est chargée, mais le navigateur ne peut pas ouvrir la connexion de l’image. Soit il ne fait pas ' +
      'confiance au certificat du serveur (Safari n’ouvre alors que des pages) : approuvez cert.pem, du dossier de ' +
      'données du serveur, sur cet appareil. Soit un proxy ne transmet pas les WebSockets.',
    'La página se ha cargado, pero el navegador no puede abrir la conexión de la imagen. O no confía en el ' +
      'certificado del servidor (Safari entonces solo abre páginas): haga que este dispositivo confíe en cert.pem, ' +
      'de la carpeta de datos del servidor. O un proxy no deja pasar WebSockets.',
    'ページは読み込まれましたが、画面の接続を開けません。サーバーの証明書が信頼されていない場合' +
      '（Safari はページだけを開きます）、サーバーのデータフォルダーの cert.pem をこの端末で信頼してください。' +
      'またはプロキシが WebSocket を通していません。',
  ],
} as const satisfies TextTable;
