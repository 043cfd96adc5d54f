/**
 * Most colours, as the compare kernel counts them, of a tile that counts as text or flat. With a larger value,
 * photographs are sent without loss, at several times the bytes; with a smaller one, text is sent as JPEG, which
 * smears it and takes more bytes than lossless Tight. The kernel counts no more than this for a drawn tile.
 * docs/encoding.md has the measurements.
 */
const FEW_COLOURS = 128;

/** Whether a tile with this number of colours, as in SharedFrame, is sent as JPEG to a viewer that accepts loss. */
export const isPhotoLike = (colours: number): boolean => colours > FEW_COLOURS;
