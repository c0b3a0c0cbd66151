// A picture for the mock's photos: a harbour at dusk, more or less. A PNG, written here so that no file is needed.
import { crc32, deflateSync } from "node:zlib";

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

export function duskPicture(width = 960, height = 640): Buffer {
  const rows = Buffer.alloc(height * (1 + width * 3));
  const horizon = Math.floor(height * 0.62);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const sky = Math.min(1, y / horizon);
      const sun = Math.hypot(x - width * 0.64, y - horizon) < height * 0.11 && y < horizon;
      const water = y >= horizon ? 0.55 + 0.12 * Math.sin(y * 0.21) * Math.cos(x * 0.008) : 1;
      const colour = sun ? [255, 214, 140] : [40 + 200 * sky ** 2, 48 + 84 * sky, 110 + 10 * sky];
      rows.set(
        colour.map((value) => Math.round(value * water)),
        y * (1 + width * 3) + 1 + x * 3,
      );
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
