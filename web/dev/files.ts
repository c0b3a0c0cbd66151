// The mock's catalogue: files in memory, some of them with long, foreign or hostile names.
import { createHash } from "node:crypto";
import type { components } from "../src/api/contract.d.ts";
import { duskPicture } from "./picture.ts";

type FileDetails = components["schemas"]["FileDetails"];
type Stats = components["schemas"]["Stats"];
type Day = components["schemas"]["Day"];
export type Item = FileDetails & { bytes?: Buffer };

const BUCKET = "file-notifications-uploads-1a2b3c4";
export const REGION = "eu-west-1";

export const idOf = (key: string): string => createHash("md5").update(`${BUCKET}/${key}`).digest("hex");

const NAMES: [key: string, size: number, type: string, facts?: [string, string][]][] = [
  ["invoices/2026/invoice-0423.pdf", 186_368, "application/pdf", [["Pages", "3"]]],
  [
    "photos/harbour-at-dusk.jpg",
    5_033_164,
    "image/jpeg",
    [
      ["Dimensions", "4032 × 3024"],
      ["Camera", "Fujifilm X-T5"],
    ],
  ],
  ["reports/q3/revenue-by-region.xlsx", 90_214, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
  ["backups/2026-11-22/catalogue.tar.gz", 1_395_864_371, "application/gzip"],
  ["invoices/2026/invoice-0422.pdf", 201_774, "application/pdf", [["Pages", "4"]]],
  ["résumé/日本語 🚀.pdf", 77_120, "application/pdf", [["Pages", "2"]]],
  ["inbox/<script>alert(1)<\u2044script>.html", 812, "text/html"],
  ["inbox/invoice\u202Efdp.exe", 48_640, "application/vnd.microsoft.portable-executable"],
  ["logs/app.log", 0, "text/plain"],
  [
    "contracts/2026/master-services-agreement-between-the-northern-harbour-authority-and-its-suppliers-signed-final-v7-with-annexes-a-to-f.docx",
    2_411_724,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  ],
  [
    "video/onboarding-walkthrough.mp4",
    84_213_760,
    "video/mp4",
    [
      ["Dimensions", "1920 × 1080"],
      ["Length", "6 min 12 s"],
    ],
  ],
  ["readme.txt", 1_204, "text/plain"],
  ["photos/team/IMG_2041.HEIC", 2_918_400, "image/heic"],
  [
    "exports/customers-2026-11.csv",
    613_992,
    "text/csv",
    [
      ["Rows", "12,804"],
      ["Columns", "17"],
    ],
  ],
  ["audio/standup-2026-11-20.m4a", 7_340_032, "audio/mp4"],
];

const PEOPLE = ["maria@example.com", "jonas@example.com", "li.wei@example.com", "backup-job", undefined];
const DAY = 86_400_000;
const PICTURE = duskPicture();

function customersTable(size: number): Buffer {
  const lines = ["customer;company;city;since;orders;revenue_eur"];
  const cities = ["Hamburg", "Rotterdam", "Gdańsk", "Bergen", "Porto"];
  for (let i = 1; i <= size / 30; i++) {
    const since = `${2019 + (i % 8)}-${String(1 + (i % 12)).padStart(2, "0")}-${String(1 + (i % 28)).padStart(2, "0")}`;
    lines.push(
      `${10_000 + i};Harbour Supplies ${i};${cities[i % 5]};${since};${(i * 7) % 90};${(i * 7919) % 90_000}.50`,
    );
  }
  return Buffer.from(lines.join("\n")).subarray(0, size);
}

const iso = (time: number): string => new Date(time).toISOString().replace(/\.\d+Z$/, "Z");

function newItem(key: string, size: number, type: string, at: number, by: string | undefined): Item {
  const cut = key.lastIndexOf("/");
  return {
    id: idOf(key),
    key,
    name: key.slice(cut + 1),
    folder: cut < 0 ? "" : key.slice(0, cut),
    bucket: BUCKET,
    region: REGION,
    size,
    uploadedAt: iso(at),
    ...(by && { uploadedBy: by }),
    status: "received",
    contentType: type,
    etag: createHash("md5").update(key).digest("hex"),
    versionId: createHash("sha1").update(`${key}${at}`).digest("base64url").slice(0, 32),
    sequencer: Math.floor(at).toString(16).toUpperCase().padStart(16, "0"),
    facts: [],
    can: [],
  };
}

export function inspected(file: Item, facts: [string, string][] = []): void {
  file.status = "processed";
  file.sha256 = createHash("sha256")
    .update(file.bytes ?? file.key)
    .digest("hex");
  file.facts = facts.map(([label, value]) => ({ label, value }));
  file.processedAt = iso(Math.max(Date.now(), Date.parse(file.uploadedAt)));
}

export class Files {
  readonly items = new Map<string, Item>();

  newest(): Item[] {
    return [...this.items.values()].sort(
      (a, b) => Date.parse(b.uploadedAt) - Date.parse(a.uploadedAt) || (a.id < b.id ? 1 : -1),
    );
  }

  add(
    key: string,
    size: number,
    type: string,
    options: { at?: number; by?: string | undefined; bytes?: Buffer } = {},
  ): Item {
    const file = newItem(key, size, type, options.at ?? Date.now(), options.by);
    if (options.bytes) file.bytes = options.bytes;
    this.items.set(file.id, file);
    return file;
  }

  remove(file: Item): void {
    file.status = "removed";
    file.removedAt = iso(Date.now());
    file.removedBy = "maria@example.com";
    delete file.bytes;
  }

  /** A realistic catalogue; the same one for the same `now`. */
  seed(now: number, filler = 130): void {
    NAMES.forEach(([key, size, type, facts], i) => {
      const at = now - i * 37 * 60_000 - 150_000;
      const file = this.add(key, size, type, { at, by: PEOPLE[i % PEOPLE.length] });
      inspected(file, facts);
      file.processedAt = iso(at + 2_100);
      file.notified = i % 3 === 2 ? { how: "digest" } : { how: "immediate" };
    });
    for (let i = 0; i < filler; i++) {
      const at = now - DAY - i * 4.7 * 3_600_000;
      const number = String(421 - i).padStart(4, "0");
      const file = this.add(`invoices/2026/invoice-${number}.pdf`, 120_000 + ((i * 7919) % 90_000), "application/pdf", {
        at,
        by: PEOPLE[i % PEOPLE.length],
      });
      inspected(file, [["Pages", String(1 + (i % 6))]]);
      file.processedAt = iso(at + 1_800);
      file.notified = { how: "immediate" };
    }
    const photo = this.items.get(idOf("photos/harbour-at-dusk.jpg"));
    if (photo) photo.bytes = PICTURE;
    const table = this.items.get(idOf("exports/customers-2026-11.csv"));
    if (table) table.bytes = customersTable(table.size);
    const special = this.newest();
    const [first, , , , fifth] = special;
    if (first) {
      first.status = "received";
      first.facts = [];
      delete first.sha256;
      delete first.processedAt;
    }
    if (fifth) {
      fifth.status = "failed";
      fifth.failure = {
        code: "broken",
        message: "The file says it is a PDF, but ends in the middle of a page.",
      };
      fifth.facts = [];
    }
    const log = this.items.get(idOf("logs/app.log"));
    if (log) {
      this.remove(log);
      log.notified = { how: "none" };
    }
  }

  stats(now: number): Stats {
    const days: Day[] = Array.from({ length: 30 }, (_, i) => {
      // A plausible month with weekends and one storm; only the last day follows what really happens here.
      const date = new Date(now - (29 - i) * DAY).toISOString().slice(0, 10);
      const weekend = [0, 6].includes(new Date(date).getUTCDay());
      const files = Math.round((weekend ? 14 : 62) * (1 + 0.35 * Math.sin(i * 1.7)) + (i === 17 ? 190 : 0));
      const failed = i % 6 === 2 ? 2 + (i % 3) : 0;
      const digest = i === 17 ? 214 : Math.round(files * 0.12);
      return {
        date,
        files,
        bytes: files * 3_412_000 + (i === 17 ? 1_900_000_000 : 0),
        processed: files - failed - Math.round(files * 0.04),
        failed,
        waiting: 0,
        removed: Math.round(files * 0.04),
        notifiedImmediately: Math.max(0, files - digest),
        notifiedInDigest: digest,
      };
    });
    const today = days.at(-1);
    const waiting = [...this.items.values()].filter((file) => file.status === "received").length;
    if (today) {
      today.waiting = waiting;
      today.files += waiting;
    }
    // Reads as many items as the API does: after many removals the list is empty.
    const latest = this.newest()
      .slice(0, 120)
      .filter((file) => file.status !== "removed");
    return { days, latest: latest.slice(0, 10).map(listed), latestComplete: true };
  }
}

/** An item as lists show it. */
export function listed(file: Item): components["schemas"]["File"] {
  const {
    id,
    key,
    name,
    folder,
    bucket,
    region,
    size,
    uploadedAt,
    uploadedBy,
    status,
    contentType,
    readOnly,
    scan,
    can,
  } = file;
  return {
    id,
    key,
    name,
    folder,
    bucket,
    region,
    size,
    uploadedAt,
    status,
    can,
    ...(uploadedBy && { uploadedBy }),
    ...(contentType && { contentType }),
    ...(readOnly && { readOnly }),
    ...(scan && { scan }),
  };
}
