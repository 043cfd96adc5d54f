import { ByteWriter } from './byte-writer.ts';
import { type ClientMessage, EXTENDED_POINTER } from './client-messages.ts';
import type { ClipboardItem } from './clipboard-messages.ts';
import * as wire from './constants.ts';
import type { Dialect } from './dialect.ts';
import { PIXEL_FORMAT_BYTES, writePixelFormat } from './pixel-format.ts';
import { SCREEN_BYTES, writeScreens } from './screens.ts';
import { encodeLatin1, encodeUtf8 } from './text.ts';

/** Returns one message of a viewer, ready to send. `dialect` is that of its last SetEncodings (see dialectOf). */
export function writeClientMessage(message: ClientMessage, dialect: Dialect): Uint8Array<ArrayBuffer> {
  switch (message.type) {
    case 'setPixelFormat':
      return new ByteWriter(4 + PIXEL_FORMAT_BYTES)
        .u8(wire.CLIENT_SET_PIXEL_FORMAT)
        .pad(3)
        .bytes(writePixelFormat(message.format))
        .done();
    case 'setEncodings': {
      const writer = new ByteWriter(4 + message.encodings.length * 4)
        .u8(wire.CLIENT_SET_ENCODINGS)
        .pad(1)
        .u16(message.encodings.length);
      for (const encoding of message.encodings) writer.s32(encoding);
      return writer.done();
    }
    case 'updateRequest':
      return new ByteWriter(10)
        .u8(wire.CLIENT_UPDATE_REQUEST)
        .u8(message.incremental ? 1 : 0)
        .u16(message.x)
        .u16(message.y)
        .u16(message.width)
        .u16(message.height)
        .done();
    case 'key':
      return message.keycode === 0 ? keyEvent(message) : qemuKeyEvent(message);
    case 'pointer':
      if (dialect === 'kasm') return kasmPointerEvent(message);
      return dialect === 'extended' && message.buttonMask >= EXTENDED_POINTER
        ? extendedPointerEvent(message)
        : pointerEvent(message);
    case 'clientCutText': {
      const text = encodeLatin1(message.text);
      return new ByteWriter(8 + text.length)
        .u8(wire.CLIENT_CUT_TEXT)
        .pad(3)
        .s32(text.length)
        .bytes(text)
        .done();
    }
    case 'extendedClipboard':
      return new ByteWriter(12 + message.data.length)
        .u8(wire.CLIENT_CUT_TEXT)
        .pad(3)
        .s32(-(4 + message.data.length))
        .u32(message.flags)
        .bytes(message.data)
        .done();
    case 'enableContinuousUpdates':
      return new ByteWriter(10)
        .u8(wire.CLIENT_ENABLE_CONTINUOUS_UPDATES)
        .u8(message.on ? 1 : 0)
        .u16(message.x)
        .u16(message.y)
        .u16(message.width)
        .u16(message.height)
        .done();
    case 'requestBottleneckStats':
      return new ByteWriter(4).u8(wire.CLIENT_REQUEST_BOTTLENECK_STATS).pad(3).done();
    case 'frameStats':
      return new ByteWriter(12)
        .u8(wire.CLIENT_FRAME_STATS)
        .pad(3)
        .u32(message.totalTime)
        .u32(message.renderTime)
        .done();
    case 'binaryClipboard':
      return binaryClipboardMessage(message.items);
    case 'udpUpgrade':
      return new ByteWriter(3 + message.data.length)
        .u8(wire.CLIENT_UDP_UPGRADE)
        .u16(message.data.length)
        .bytes(message.data)
        .done();
    case 'subscribeRelay': {
      const name = encodeUtf8(message.name);
      return new ByteWriter(2 + name.length)
        .u8(wire.CLIENT_SUBSCRIBE_RELAY)
        .u8(name.length)
        .bytes(name)
        .done();
    }
    case 'relayData': {
      const name = encodeUtf8(message.name);
      return new ByteWriter(6 + name.length + message.data.length)
        .u8(wire.CLIENT_RELAY_DATA)
        .u8(name.length)
        .bytes(name)
        .u32(message.data.length)
        .bytes(message.data)
        .done();
    }
    case 'videoCodecs': {
      const writer = new ByteWriter(2 + message.codecs.length * 4)
        .u8(wire.CLIENT_VIDEO_CODECS)
        .u8(message.codecs.length);
      for (const codec of message.codecs) writer.s32(codec);
      return writer.done();
    }
    case 'keepAlive':
      return new ByteWriter(1).u8(wire.CLIENT_KEEP_ALIVE).done();
    case 'relativeMouse':
      return new ByteWriter(10)
        .u8(wire.CLIENT_RELATIVE_MOUSE)
        .u8(message.buttonMask)
        .s16(message.dx)
        .s16(message.dy)
        .s16(message.scrollX)
        .s16(message.scrollY)
        .done();
    case 'latencyProbe':
      return new ByteWriter(8).u8(wire.CLIENT_LATENCY_PROBE).pad(3).u32(message.id).done();
    case 'networkStats':
      return new ByteWriter(4).u8(wire.CLIENT_NETWORK_STATS).pad(3).done();
    case 'systemStats':
      return new ByteWriter(4).u8(wire.CLIENT_SYSTEM_STATS).pad(3).done();
    case 'fence':
      return new ByteWriter(9 + message.payload.length)
        .u8(wire.CLIENT_FENCE)
        .pad(3)
        .u32(message.flags)
        .u8(message.payload.length)
        .bytes(message.payload)
        .done();
    case 'setDesktopSize': {
      const writer = new ByteWriter(8 + message.screens.length * SCREEN_BYTES)
        .u8(wire.CLIENT_SET_DESKTOP_SIZE)
        .pad(1)
        .u16(message.width)
        .u16(message.height)
        .u8(message.screens.length)
        .pad(1);
      return writeScreens(writer, message.screens).done();
    }
    case 'setMaxVideoResolution':
      return new ByteWriter(5)
        .u8(wire.CLIENT_SET_MAX_VIDEO_RESOLUTION)
        .u16(message.width)
        .u16(message.height)
        .done();
  }
}

type MessageOf<T extends ClientMessage['type']> = Extract<ClientMessage, { readonly type: T }>;

function keyEvent({ down, keysym }: MessageOf<'key'>): Uint8Array<ArrayBuffer> {
  return new ByteWriter(8)
    .u8(wire.CLIENT_KEY_EVENT)
    .u8(down ? 1 : 0)
    .pad(2)
    .u32(keysym)
    .done();
}

function qemuKeyEvent({ down, keysym, keycode }: MessageOf<'key'>): Uint8Array<ArrayBuffer> {
  return new ByteWriter(12)
    .u8(wire.CLIENT_QEMU)
    .u8(wire.QEMU_EXTENDED_KEY)
    .u16(down ? 1 : 0)
    .u32(keysym)
    .u32(keycode)
    .done();
}

function pointerEvent({ buttonMask, x, y }: MessageOf<'pointer'>): Uint8Array<ArrayBuffer> {
  return new ByteWriter(6).u8(wire.CLIENT_POINTER_EVENT).u8(buttonMask).u16(x).u16(y).done();
}

function extendedPointerEvent({ buttonMask, x, y }: MessageOf<'pointer'>): Uint8Array<ArrayBuffer> {
  const lower = (buttonMask & (EXTENDED_POINTER - 1)) | EXTENDED_POINTER;
  const upper = Math.floor(buttonMask / EXTENDED_POINTER);
  return new ByteWriter(7).u8(wire.CLIENT_POINTER_EVENT).u8(lower).u16(x).u16(y).u8(upper).done();
}

function kasmPointerEvent(message: MessageOf<'pointer'>): Uint8Array<ArrayBuffer> {
  return new ByteWriter(11)
    .u8(wire.CLIENT_POINTER_EVENT)
    .u16(message.buttonMask)
    .u16(message.x)
    .u16(message.y)
    .s16(message.scrollX)
    .s16(message.scrollY)
    .done();
}

function binaryClipboardMessage(items: readonly ClipboardItem[]): Uint8Array<ArrayBuffer> {
  const parts = items.map(({ mime, data }) => ({ mime: encodeUtf8(mime), data }));
  const size = parts.reduce((sum, { mime, data }) => sum + 5 + mime.length + data.length, 2);
  const writer = new ByteWriter(size).u8(wire.CLIENT_BINARY_CLIPBOARD).u8(parts.length);
  for (const { mime, data } of parts) writer.u8(mime.length).bytes(mime).u32(data.length).bytes(data);
  return writer.done();
}
