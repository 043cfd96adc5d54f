/**
 * Colours, as the compare kernel counts them, up to which a tile is text or flat. More colours, and JPEG smears text and
 * takes more bytes than no loss does. Fewer, and photographs are sent without loss, at several times the bytes. The kernel
 * counts no more than this for a drawn tile: docs/encoding.md has the tables.
 */
const FEW_COLOURS = 128;

/** Whether a tile of so many colours, as in SharedFrame, is sent as JPEG to a viewer that takes loss. */
export const isPhotoLike = (colours: number): boolean => colours > FEW_COLOURS;
