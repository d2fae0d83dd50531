import { crc32, deflateSync, gzipSync } from "node:zlib";
import { lyingZip } from "./lying-zip.ts";

/** A picture, and what has to become of it. */
export interface HostilePicture {
  readonly name: string;
  readonly bytes: Buffer;
  readonly fate: RegExp;
}

/** Pictures that name other files and addresses, that are two things at once, or that claim to be enormous. */
export function hostilePictures(
  jpeg: Buffer,
  png: Buffer,
  outside: { path: string; url: string },
): HostilePicture[] {
  const text = (name: string, content: string, fate = /^not_media$/): HostilePicture => ({
    name,
    bytes: Buffer.from(content),
    fate,
  });
  const { path, url } = outside;
  const svg = (inside: string): string =>
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="64" height="64">${inside}</svg>`;
  return [
    { name: "good.jpg", bytes: jpeg, fate: /^packed$/ },
    { name: "enormous.png", bytes: enormousPng(50_000, 50_000), fate: /^too_large$/ },
    {
      name: "overflow.png",
      bytes: enormousPng(0x7fff_ffff, 0x7fff_ffff),
      fate: /^(too_large|image_undecodable)$/,
    },
    { name: "text-bomb.png", bytes: withTextBomb(png), fate: /^(packed|image_undecodable)$/ },
    { name: "profile-bomb.png", bytes: withProfileBomb(png), fate: /^(packed|image_undecodable)$/ },
    text("svg-file.png", svg(`<image xlink:href="file://${path}" width="64" height="64"/>`)),
    text("svg-http.jpg", svg(`<image href="${url}/x.png" width="64" height="64"/>`)),
    text("svg-style.jpg", `<?xml-stylesheet href="${url}/x.css"?>${svg("")}`),
    text(
      "svg-entity.jpg",
      `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file://${path}">]>${svg("<text>&x;</text>")}`,
    ),
    { name: "svgz.png", bytes: gzipSync(svg(`<image href="${url}/x.png"/>`)), fate: /^not_media$/ },
    text("magick.png", `push graphic-context\nimage over 0,0 0,0 '${url}/x.png'\npop graphic-context\n`),
    text("script.jpg", `<?xml version="1.0"?><image><read filename="${path}"/></image>`),
    text("postscript.jpg", `%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(${path}) run\nshowpage\n`),
    text("document.jpg", `%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/URI/URI(${url})>>>>endobj\n`),
    text("page.jpg", `<html><body><img src="${url}/x.png"></body></html>`),
    // Two things at once: what the first bytes say is what it is, and nothing else is looked at.
    {
      name: "jpeg-and-zip.jpg",
      bytes: Buffer.concat([jpeg, lyingZip([{ name: "../x", bytes: jpeg }])]),
      fate: /^packed$/,
    },
    {
      name: "jpeg-and-page.jpg",
      bytes: Buffer.concat([jpeg, Buffer.from(`<img src="${url}/x">`)]),
      fate: /^packed$/,
    },
    { name: "page-and-jpeg.jpg", bytes: Buffer.concat([Buffer.from("<html>"), jpeg]), fate: /^not_media$/ },
    {
      name: "gif-and-script.gif",
      bytes: Buffer.from("GIF89a/*\0\0;*/=1;fetch(1)"),
      fate: /^image_undecodable$/,
    },
    { name: "png-named-jpeg.jpg", bytes: png, fate: /^packed$/ },
    { name: "tiff.jpg", bytes: Buffer.from("49492a000800000000000000", "hex"), fate: /^not_media$/ },
    { name: "half.jpg", bytes: jpeg.subarray(0, jpeg.length >> 1), fate: /^image_undecodable$/ },
    { name: "empty.jpg", bytes: Buffer.alloc(0), fate: /^(empty_member|image_bytes_missing)$/ },
  ];
}

const signature = Buffer.from("89504e470d0a1a0a", "hex");

/** A few hundred bytes that say they are so large a picture. */
function enormousPng(width: number, height: number): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const rows = deflateSync(Buffer.alloc(150_001));
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", rows), chunk("IEND", Buffer.alloc(0))]);
}

/** Compressed text that expands to a quarter of a gigabyte, in a picture that is otherwise sound. */
function withTextBomb(png: Buffer): Buffer {
  return inserted(png, chunk("zTXt", Buffer.concat([Buffer.from("Comment\0\0"), bomb()])));
}

function withProfileBomb(png: Buffer): Buffer {
  return inserted(png, chunk("iCCP", Buffer.concat([Buffer.from("profile\0\0"), bomb()])));
}

let zeros: Buffer | null = null;
function bomb(): Buffer {
  zeros ??= deflateSync(Buffer.alloc(256 * 1024 * 1024), { level: 1 });
  return zeros;
}

/** Right after the header chunk. */
function inserted(png: Buffer, extra: Buffer): Buffer {
  const at = signature.length + 25;
  return Buffer.concat([png.subarray(0, at), extra, png.subarray(at)]);
}

function chunk(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
