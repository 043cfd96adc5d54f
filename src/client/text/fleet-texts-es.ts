import type { FleetTexts } from './fleet-texts-en.ts';

/** The texts of the list of desktops, in Spanish. */
export const FLEET_TEXTS: FleetTexts = {
  desktops: 'Escritorios',
  none: 'No hay ningún escritorio que pueda ver.',
  starting: 'se inicia',
  running: 'en marcha',
  paused: 'en pausa',
  ended: 'terminado',
  lost: 'perdido',
  leaving: 'se está quitando',
  viewers: 'Espectadores: {count}',
  open: 'Abrir {name}',
  pause: 'Pausar',
  resume: 'Reanudar',
  start: 'Iniciar',
  restart: 'Reiniciar',
  remove: 'Quitar',
  reallyRestart: '¿Reiniciar {name}? Terminan todos sus programas.',
  reallyRemove: '¿Quitar {name} con todos sus archivos?',
  newDesktop: 'Escritorio nuevo',
  create: 'Crear',
};
