/** The folder of the fleet whose server has given this page of a desktop. Undefined for a desktop without a fleet. */
export function fleetFolder(): URL | undefined {
  const meta = document.querySelector<HTMLMetaElement>('meta[name=deskwire-fleet]');
  return meta === null ? undefined : new URL(meta.content, document.baseURI);
}

/** The name of this page's desktop in its fleet, which is the page's folder. Undefined without a fleet. */
export const nameInFleet = (pageFolder: URL): string | undefined =>
  fleetFolder() === undefined ? undefined : pageFolder.pathname.split('/').at(-2);
