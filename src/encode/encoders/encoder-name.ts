/** Names of the encoders as get_frame_stats shows them. */
export type EncoderName =
  | 'TightJPEGEncoder'
  | 'TightWEBPEncoder'
  | 'TightZlibEncoder'
  | 'TightFillEncoder'
  | 'ZstdEncoder'
  | 'ZRLEEncoder'
  | 'ZlibEncoder'
  | 'HextileEncoder'
  | 'RawEncoder'
  | 'CopyRect';
