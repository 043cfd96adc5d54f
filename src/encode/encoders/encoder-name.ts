/** The encoders by the names that get_frame_stats shows. */
export type EncoderName =
  | 'TightJPEGEncoder'
  | 'TightWEBPEncoder'
  | 'TightZlibEncoder'
  | 'TightFillEncoder'
  | 'RawEncoder'
  | 'CopyRect';
