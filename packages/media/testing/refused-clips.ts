import { readFileSync } from "node:fs";
import { type AwkwardClip, type ClipWorkshop, x264 } from "./clip-workshop.ts";
import { asEncrypted } from "./mp4-surgery.ts";

/** Colour tags from 0 to 17. What ffmpeg itself refuses looks like the clip with the tag that is read instead. */
export function colourClips(shop: ClipWorkshop): AwkwardClip[] {
  const tagged = (matrix: number, transfer: number) => {
    const base = shop.take("a", "plain.mp4", x264("keyint=12"), { seconds: 2 });
    const tags = `matrix_coefficients=${matrix}:transfer_characteristics=${transfer}:colour_primaries=1`;
    return shop.ffmpeg(`m${matrix}t${transfer}.mp4`, [
      "-i",
      base,
      "-c",
      "copy",
      "-bsf:v",
      `h264_metadata=${tags}`,
    ]);
  };
  const numbers = Array.from({ length: 18 }, (_, number) => number);
  const readAs: Readonly<Record<number, number>> = { 3: 2, 8: 2, 10: 9, 11: 2, 12: 2, 13: 2, 14: 2 };
  return [
    ...numbers.map((number): AwkwardClip => {
      const like = readAs[number];
      return {
        name: `matrix ${number}`,
        make: () => tagged(number, 1),
        ...(like === undefined ? {} : { like: () => tagged(like, 1) }),
      };
    }),
    ...numbers.map((number): AwkwardClip => ({ name: `transfer ${number}`, make: () => tagged(1, number) })),
  ];
}

/** Encrypted tracks, as far as containers tell. */
export function encryptedClips(shop: ClipWorkshop): AwkwardClip[] {
  return [
    {
      name: "mp4 with an encrypted sample entry",
      make: () =>
        shop.written("encv.mp4", () => asEncrypted(readFileSync(shop.take("a", "clear.mp4", x264())))),
    },
    {
      name: "mkv with ContentEncryption",
      make: () =>
        shop.written("locked.mkv", () => {
          const title = ["-metadata:s:v", "title=unlock"];
          const bytes = readFileSync(shop.take("a", "titled.mkv", [...x264(), ...title]));
          // A Name of six bytes (0x536e) makes room for ContentEncodings > ContentEncoding > ContentEncryption.
          const name = Buffer.from("\x53\x6e\x86unlock", "latin1");
          const lock = Buffer.from("\x6d\x80\x86\x62\x40\x83\x50\x35\x80", "latin1");
          lock.copy(bytes, bytes.indexOf(name));
          return bytes;
        }),
    },
    {
      name: "ts whose packets are scrambled",
      make: () =>
        shop.written("scrambled.ts", () => {
          const bytes = readFileSync(shop.take("a", "clear.ts", x264()));
          for (let start = 0; start < bytes.length; start += 188) {
            const pid = bytes.readUInt16BE(start + 1) & 0x1fff;
            if (pid === 0x100) bytes[start + 3] = (bytes[start + 3] ?? 0) | 0x80;
          }
          return bytes;
        }),
    },
    {
      name: "ts whose slices are encrypted (SAMPLE-AES)",
      make: () =>
        shop.written("sample-aes.ts", () => {
          const bytes = readFileSync(shop.take("a", "clear.ts", x264()));
          // In each program map: type 27 (H.264) for PID 256.
          const clear = Buffer.from([0x1b, 0xe1, 0x00]);
          for (let found = bytes.indexOf(clear); found >= 0; found = bytes.indexOf(clear, found + 3))
            bytes[found] = 0xdb;
          return bytes;
        }),
    },
  ];
}

/** MPEG-TS whose PID holds another codec from its middle on, with a clock that runs on and with one that starts again. */
export function changedCodecClips(shop: ClipWorkshop): AwkwardClip[] {
  const codecs: Readonly<Record<string, readonly string[]>> = {
    h264: x264(),
    hevc: ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "pools=none:log-level=none:keyint=25"],
    mpeg2: ["-c:v", "mpeg2video", "-q:v", "4"],
    mpeg4: ["-c:v", "mpeg4", "-q:v", "4"],
  };
  const pairs = Object.keys(codecs).flatMap((first) =>
    Object.keys(codecs).flatMap((then) => (first === then ? [] : [[first, then] as const])),
  );
  return pairs.flatMap(([first, then]) =>
    [0, 3].map((offset) => ({
      name: `ts, ${first} and then ${then} at ${offset} s`,
      make: () =>
        shop.written(`${first}-${then}-${offset}.ts`, () => {
          const late = ["-output_ts_offset", String(offset)];
          const a = readFileSync(shop.take("a", `${first}.ts`, codecs[first] ?? []));
          const b = readFileSync(shop.take("b", `${then}-${offset}.ts`, [...(codecs[then] ?? []), ...late]));
          return Buffer.concat([a, b]);
        }),
    })),
  );
}
