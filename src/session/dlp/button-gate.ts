/** Rules for buttons in the concealed region. */
export interface ButtonRules {
  readonly allowsPress: boolean;
  readonly allowsRelease: boolean;
}

/** Buttons as bits, as in RFB's pointer mask. */
export interface GatedButtons {
  /** Buttons that are to be down. */
  readonly held: number;
  /** Buttons that were refused, and that the viewer has not released since. */
  readonly refused: number;
}

/**
 * Decides which buttons go down or up when a viewer wants `wanted` to be down, with its pointer at a concealed or a
 * visible place. A press that was refused stays refused until the viewer releases the button: dragging it into the
 * visible region does not press it there.
 */
export function gateButtons(
  { held, refused }: GatedButtons,
  wanted: number,
  isConcealed: boolean,
  { allowsPress, allowsRelease }: ButtonRules,
): GatedButtons {
  const stillRefused = refused & wanted;
  const pressed = wanted & ~held & ~stillRefused;
  const released = held & ~wanted;
  const refusesPress = isConcealed && !allowsPress;
  const refusesRelease = isConcealed && !allowsRelease;
  return {
    held: (held | (refusesPress ? 0 : pressed)) & ~(refusesRelease ? 0 : released),
    refused: stillRefused | (refusesPress ? pressed : 0),
  };
}
