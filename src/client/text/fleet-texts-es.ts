import type { FleetTexts } from './fleet-texts-en.ts';

/** The texts of the list of desktops, in Spanish. */
export const FLEET_TEXTS: FleetTexts = {
  // The list.
  desktops: 'Escritorios',
  none: 'No hay ningún escritorio que pueda ver.',
  noneYet: 'Aún no hay ningún escritorio. «Escritorio nuevo» crea uno.',
  find: 'Buscar un escritorio',
  noneFound: 'Ningún escritorio tiene esto en su nombre.',

  // States, and since when. `{time}` is a time of day.
  starting: 'Iniciándose',
  running: 'En marcha',
  leaving: 'Se está quitando',
  pausedAt: 'En pausa desde las {time}.',
  endedAt: 'Terminado a las {time}.',
  lostAt: 'Perdido a las {time}.',

  // Why a desktop is so. `{time}` is a duration.
  whyIdle: 'No tuvo espectadores durante {time}.',
  whyAgain: 'Se inicia de nuevo.',
  whyAway: 'Terminó mientras la flota no estaba en marcha.',
  whyHost: 'Su equipo no responde.',
  whyHostLost: 'Terminó mientras su equipo estaba perdido.',
  whyHostGone: 'Su equipo se ha quitado.',
  whyNoPort: 'Su equipo no tiene ningún puerto libre para él.',
  whyElsewhere: 'Se inicia de nuevo en otro equipo, porque el suyo no responde.',
  whyOutside: 'Se terminó donde se había iniciado.',
  whySlow: 'No se inició a tiempo.',
  whyNot: 'No se inició.',
  whyNotAgain: 'No se inició, y se inicia de nuevo.',
  whyItself: 'Terminó por sí mismo.',
  whyItselfAgain: 'Terminó por sí mismo, y se inicia de nuevo.',

  // Who is connected.
  viewers: 'Espectadores: {count}',
  nobody: 'Nadie está conectado',
  connected: 'Conectados',
  more: 'y {count} más',
  slowNetwork: 'red lenta: {grade} de 10',
  slowServer: 'servidor ocupado: {grade} de 10',

  // What owners can do.
  ofDesktop: '{what}: {name}',
  actions: 'Acciones',
  pause: 'Pausar',
  resume: 'Reanudar',
  start: 'Iniciar',
  restart: 'Reiniciar',
  remove: 'Quitar',
  removed: '{name} se ha quitado',
  restartTitle: '¿Reiniciar {name}?',
  restartWhy: 'Terminan todos sus programas. Sus archivos se quedan.',
  removeTitle: '¿Quitar {name}?',
  removeWhy: 'Terminan sus programas y se borran todos sus archivos. No se puede deshacer.',
  othersConnected: 'Espectadores conectados ahora: {count}.',
  cancel: 'Cancelar',

  // A new desktop.
  newDesktop: 'Escritorio nuevo',
  name: 'Nombre',
  nameHint: 'Letras minúsculas, cifras y guiones entre ellas, como lab-7',
  template: 'Plantilla',
  usual: 'Ninguna: el escritorio habitual',
  create: 'Crear',

  // Why something was refused.
  nameInvalid:
    'Un escritorio no puede llamarse así. Tiene letras minúsculas de la a a la z, cifras, y guiones entre ellas, 40 como máximo.',
  nameTaken: 'Ya hay un escritorio llamado {name}.',
  templateGone: 'Esta plantilla se ha quitado. Elija otra.',
  desktopGone: '{name} se ha quitado, o ya no puede verlo.',
  full: 'Hay tantos escritorios en marcha como puede haber. Termine o quite uno antes.',
  noRight: 'No tiene permiso para esto.',
  storeFull:
    'La flota no puede guardar nada: su disco o su almacén está lleno. Dígaselo a quien la administra.',
  storeAway: 'La flota no puede cambiar nada en este momento. Inténtelo pronto otra vez.',
  refused: 'El servidor lo rechaza: {detail}',

  // The page of a desktop that is not there.
  isStarting: 'El escritorio se está iniciando',
  isPaused: 'El escritorio está en pausa',
  hasEnded: 'El escritorio ha terminado',
  isLost: 'El escritorio se ha perdido',
  comesHere: 'Aparece aquí en cuanto esté en marcha.',
  wasRemoved: 'El escritorio se ha quitado',
  wasRemovedWhy: 'Sus programas han terminado y sus archivos se han borrado.',
  isGone: 'El escritorio ya no está',
  isGoneWhy: 'Se ha quitado, o ya no puede verlo.',
  isUnknown: 'No existe este escritorio',
  isUnknownWhy: 'Ningún escritorio tiene esta dirección, o no puede verlo.',
};
