// The numbers of RFB 3.8 (RFC 6143), of its community extensions (the rfbproto registry) and of KasmVNC's dialect.

// Client to server: RFC 6143 section 7.5.
export const CLIENT_SET_PIXEL_FORMAT = 0;
export const CLIENT_SET_ENCODINGS = 2;
export const CLIENT_UPDATE_REQUEST = 3;
export const CLIENT_KEY_EVENT = 4;
export const CLIENT_POINTER_EVENT = 5;
export const CLIENT_CUT_TEXT = 6;

// Client to server: rfbproto, section "Client to Server Messages".
export const CLIENT_ENABLE_CONTINUOUS_UPDATES = 150;
export const CLIENT_FENCE = 248;
export const CLIENT_SET_DESKTOP_SIZE = 251;
export const CLIENT_QEMU = 255;
/** The only QEMU sub-message that the reader supports: rfbproto, "QEMU Extended Key Event Message". */
export const QEMU_EXTENDED_KEY = 0;

/** Deskwire's own message: a portion of a clipboard. Only from viewers that list PSEUDO_PORTIONS. */
export const CLIENT_PORTION = 70;

// Client to server: KasmVNC's dialect.
export const CLIENT_REQUEST_BOTTLENECK_STATS = 178;
export const CLIENT_FRAME_STATS = 179;
export const CLIENT_BINARY_CLIPBOARD = 180;
export const CLIENT_UDP_UPGRADE = 181;
export const CLIENT_SUBSCRIBE_RELAY = 182;
export const CLIENT_RELAY_DATA = 183;
export const CLIENT_VIDEO_CODECS = 184;
export const CLIENT_KEEP_ALIVE = 185;
export const CLIENT_RELATIVE_MOUSE = 188;
export const CLIENT_LATENCY_PROBE = 189;
export const CLIENT_NETWORK_STATS = 190;
export const CLIENT_SYSTEM_STATS = 191;
export const CLIENT_SET_MAX_VIDEO_RESOLUTION = 252;

// Server to client: RFC 6143 section 7.6.
export const SERVER_UPDATE = 0;
export const SERVER_COLOUR_MAP = 1;
export const SERVER_BELL = 2;
export const SERVER_CUT_TEXT = 3;

// Server to client: rfbproto, section "Server to Client Messages".
export const SERVER_END_OF_CONTINUOUS_UPDATES = 150;
export const SERVER_FENCE = 248;

// Server to client: KasmVNC's dialect.
export const SERVER_BOTTLENECK_STATS = 178;
export const SERVER_REPORT_FRAME_STATS = 179;
export const SERVER_BINARY_CLIPBOARD = 180;
export const SERVER_VIDEO_CODECS = 184;
export const SERVER_DISCONNECT = 186;
export const SERVER_LATENCY_ANSWER = 189;
export const SERVER_NETWORK_STATS = 190;
export const SERVER_SYSTEM_STATS = 191;
export const SERVER_USER_JOINED = 253;
export const SERVER_USER_LEFT = 254;

/** Deskwire's own message: the viewer's rights. Sent only to viewers that list PSEUDO_DESKWIRE. */
export const SERVER_RIGHTS = 68;
export const RIGHT_READ = 1 << 0;
export const RIGHT_WRITE = 1 << 1;
/** May make the calls of an owner, with the login of this connection. */
export const RIGHT_OWNER = 1 << 2;
/** Deskwire's own message: a sentence for the user. Sent only to viewers that list PSEUDO_DESKWIRE. */
export const SERVER_NOTICE = 69;
/** Deskwire's own message: a portion of a long message. Sent only to viewers that list PSEUDO_PORTIONS. */
export const SERVER_PORTION = 70;
export const PORTION_HEADER_BYTES = 8;
export const PORTION_IS_FIRST = 1 << 0;
export const PORTION_IS_LAST = 1 << 1;

/** Number of rects that means "until LastRect": rfbproto, "LastRect Pseudo-encoding". */
export const RECTS_UNTIL_LAST = 0xffff;

// Security types: RFC 6143 section 7.2.
export const SECURITY_INVALID = 0;
export const SECURITY_NONE = 1;
export const SECURITY_VNC = 2;
/** rfbproto, "VeNCrypt". */
export const SECURITY_VENCRYPT = 19;
/** Subtypes of VeNCrypt: a name and a password, as they are or over TLS with a certificate. */
export const VENCRYPT_PLAIN = 256;
export const VENCRYPT_X509_PLAIN = 262;

// Encodings: RFC 6143 section 7.7; Tight: rfbproto, "Tight Encoding".
export const ENCODING_RAW = 0;
export const ENCODING_COPY_RECT = 1;
export const ENCODING_HEXTILE = 5;
/** rfbproto, "Zlib Encoding". */
export const ENCODING_ZLIB = 6;
export const ENCODING_TIGHT = 7;
export const ENCODING_ZRLE = 16;
/** Deskwire's own encoding without loss: "DWZS", unassigned in the registry of encodings. */
export const ENCODING_ZSTD = 0x44575a53;

// Pseudo-encodings: RFC 6143 section 7.8 and rfbproto, section "Pseudo-encodings".
export const PSEUDO_DESKTOP_SIZE = -223;
export const PSEUDO_LAST_RECT = -224;
export const PSEUDO_CURSOR = -239;
export const PSEUDO_QEMU_KEY = -258;
export const PSEUDO_LED = -261;
export const PSEUDO_DESKTOP_NAME = -307;
export const PSEUDO_EXTENDED_DESKTOP_SIZE = -308;
export const PSEUDO_FENCE = -312;
export const PSEUDO_CONTINUOUS_UPDATES = -313;
export const PSEUDO_CURSOR_WITH_ALPHA = -314;
/** PointerEvents with buttons 8 and 9, back and forward: rfbproto, "Extended Mouse Buttons Pseudo-encoding". */
export const PSEUDO_EXTENDED_MOUSE_BUTTONS = -316;
export const PSEUDO_EXTENDED_CLIPBOARD = 0xc0a1e5ce | 0;
export const PSEUDO_VMWARE_CURSOR = 0x574d5664;
export const PSEUDO_VMWARE_CURSOR_POSITION = 0x574d5666;

/** Tight's quality level 0-9: rfbproto, "JPEG Quality Level Pseudo-encoding". */
export const PSEUDO_QUALITY_FIRST = -32;
export const PSEUDO_QUALITY_LAST = -23;
/** Compression level 0-9: rfbproto, "Compression Level Pseudo-encoding". */
export const PSEUDO_COMPRESSION_FIRST = -256;
export const PSEUDO_COMPRESSION_LAST = -247;
/** JPEG quality 0-100: rfbproto, "JPEG Fine-Grained Quality Level Pseudo-encoding". */
export const PSEUDO_FINE_QUALITY_FIRST = -512;
export const PSEUDO_FINE_QUALITY_LAST = -412;
/** Chroma: rfbproto, "JPEG Subsampling Level Pseudo-encoding". */
export const PSEUDO_CHROMA_444 = -768;
export const PSEUDO_CHROMA_420 = -767;
export const PSEUDO_CHROMA_422 = -766;
export const PSEUDO_CHROMA_GRAY = -765;

// KasmVNC's pseudo-encodings: one setting each. The value is the number's distance from FIRST plus the least value.
/** Streaming mode JPEG/WebP, that is, without a video codec. */
export const PSEUDO_STREAMING_JPEG_WEBP = -1025;
export const PSEUDO_WEBP = -1024;
/** 0-9 */
export const PSEUDO_JPEG_VIDEO_QUALITY_FIRST = -1023;
export const PSEUDO_JPEG_VIDEO_QUALITY_LAST = -1014;
/** 0-9 */
export const PSEUDO_WEBP_VIDEO_QUALITY_FIRST = -1013;
export const PSEUDO_WEBP_VIDEO_QUALITY_LAST = -1004;
/** 0-10 */
export const PSEUDO_TREAT_LOSSLESS_FIRST = -1003;
export const PSEUDO_TREAT_LOSSLESS_LAST = -993;
export const PSEUDO_PREFER_BANDWIDTH = -992;
/** 0-9 */
export const PSEUDO_DYNAMIC_QUALITY_MIN_FIRST = -991;
export const PSEUDO_DYNAMIC_QUALITY_MIN_LAST = -982;
/** 0-9 */
export const PSEUDO_DYNAMIC_QUALITY_MAX_FIRST = -981;
export const PSEUDO_DYNAMIC_QUALITY_MAX_LAST = -972;
/** 1-100 % */
export const PSEUDO_VIDEO_AREA_FIRST = -971;
export const PSEUDO_VIDEO_AREA_LAST = -872;
/** 0-100 s */
export const PSEUDO_VIDEO_TIME_FIRST = -870;
export const PSEUDO_VIDEO_TIME_LAST = -770;
/** 10-60 frames per second */
export const PSEUDO_FRAME_RATE_FIRST = -2048;
/**
 * 1-9 frames per second: KasmVNC does not name these, but its page lets users choose so few, and goes on below with the
 * numbers. A viewer that lists one of them alone does not speak KasmVNC's dialect.
 */
export const PSEUDO_LOW_FRAME_RATE_FIRST = -2057;
export const PSEUDO_FRAME_RATE_LAST = -1998;
/** The viewer will send SetMaxVideoResolution. */
export const PSEUDO_MAX_VIDEO_RESOLUTION = -1997;
/** 0-9 */
export const PSEUDO_VIDEO_SCALING_FIRST = -1996;
export const PSEUDO_VIDEO_SCALING_LAST = -1987;
/** 1-100 s */
export const PSEUDO_VIDEO_OUT_TIME_FIRST = -1986;
export const PSEUDO_VIDEO_OUT_TIME_LAST = -1887;
export const PSEUDO_QOI = -1886;
export const PSEUDO_DISCONNECT_NOTICE = -1885;
export const PSEUDO_DIRECT_MOUSE = -1884;

/** Announces Deskwire's own page: "DWIR", unassigned in the registry of pseudo-encodings. */
export const PSEUDO_DESKWIRE = 0x44574952;
/**
 * The viewer takes long messages in portions, and may send clipboards so: "DWPT", unassigned in the registry of
 * pseudo-encodings.
 */
export const PSEUDO_PORTIONS = 0x44575054;

// Clipboard formats and actions: rfbproto, "Extended Clipboard Pseudo-Encoding".
export const CLIPBOARD_TEXT = 1 << 0;
export const CLIPBOARD_HTML = 1 << 2;
/** The bits of all formats, known or not. */
export const CLIPBOARD_ALL_FORMATS = 0xffff;
export const CLIPBOARD_CAPS = 1 << 24;
export const CLIPBOARD_REQUEST = 1 << 25;
export const CLIPBOARD_PEEK = 1 << 26;
export const CLIPBOARD_NOTIFY = 1 << 27;
export const CLIPBOARD_PROVIDE = 1 << 28;

// Fence flags: rfbproto, "ClientFence".
export const FENCE_BLOCK_BEFORE = 1 << 0;
export const FENCE_BLOCK_AFTER = 1 << 1;
export const FENCE_SYNC_NEXT = 1 << 2;
export const FENCE_REQUEST = 0x80000000;

// Reason and status of an ExtendedDesktopSize: rfbproto, "ExtendedDesktopSize Pseudo-encoding".
export const RESIZE_REASON_SERVER = 0;
export const RESIZE_REASON_THIS_CLIENT = 1;
export const RESIZE_REASON_OTHER_CLIENT = 2;
export const RESIZE_OK = 0;
export const RESIZE_PROHIBITED = 1;
export const RESIZE_OUT_OF_RESOURCES = 2;
