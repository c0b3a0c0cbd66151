// A list that stays in place while files arrive: the first page is polled and merged into what is on the screen.
import type { File, FilePage } from "../api/client";

export type Order = "newest" | "key";

/** S3 sorts keys by their UTF-8 bytes, which is the order of code points, not that of JavaScript's strings. */
function compareKeys(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (difference) return difference;
  }
  return left.length - right.length;
}

/** Does `file` come after `last` in the list? */
function isAfter(file: File, last: File, order: Order): boolean {
  if (order === "key") return compareKeys(file.key, last.key) > 0;
  return Date.parse(file.uploadedAt) <= Date.parse(last.uploadedAt);
}

interface Merged {
  files: File[];
  /** Undefined: everything is shown. */
  cursor: string | undefined;
  /** More files arrived since the last poll than fit on a page: the files in between are unknown. */
  gap: boolean;
}

/** Lays a fresh first page over the known list. */
export function layOver(known: File[], knownCursor: string | undefined, page: FilePage, order: Order): Merged {
  const last = page.files.at(-1);
  // The whole list fits the page, or the page is empty: it is the list.
  if (!page.cursor || !last || known.length === 0) return { files: page.files, cursor: page.cursor, gap: false };
  const ids = new Set(page.files.map((file) => file.id));
  const rest = known.filter((file) => !ids.has(file.id) && isAfter(file, last, order));
  const overlap = known.some((file) => ids.has(file.id));
  if (!overlap) return { files: page.files, cursor: page.cursor, gap: rest.length > 0 };
  if (rest.length === 0) return { files: page.files, cursor: page.cursor, gap: false };
  return { files: [...page.files, ...rest], cursor: knownCursor, gap: false };
}

/** Adds the next page. A file that was uploaded again in the meantime is already listed above. */
export function append(known: File[], page: FilePage): File[] {
  const ids = new Set(known.map((file) => file.id));
  return [...known, ...page.files.filter((file) => !ids.has(file.id))];
}

export function newIds(known: File[], files: File[]): string[] {
  const before = new Map(known.map((file) => [file.id, file.uploadedAt]));
  return files.filter((file) => before.get(file.id) !== file.uploadedAt).map((file) => file.id);
}
