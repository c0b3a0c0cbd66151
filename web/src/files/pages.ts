// Reading lists page by page.
import type { FilePage } from "../api/client";

/** A page may hold removed files only, and then arrives empty with a cursor: so many of these are followed in one go. */
export const MOST_EMPTY_PAGES = 5;

type Read = (cursor: string | undefined) => Promise<FilePage>;

/**
 * The first page from `cursor` on that holds files. Without files and without a cursor, there are none; without files but
 * with a cursor, the first MOST_EMPTY_PAGES had none and what follows is unknown.
 */
export async function pastEmptyPages(read: Read, cursor?: string): Promise<FilePage> {
  let page = await read(cursor);
  for (let i = 0; page.cursor && page.files.length === 0 && i < MOST_EMPTY_PAGES; i++) page = await read(page.cursor);
  return page;
}

/** The pages from `cursor` on as one, until `enough` of their files are found, and at most `mostPages` of them. */
export async function pagesUntil(
  read: Read,
  enough: (files: FilePage["files"]) => boolean,
  mostPages: number,
  cursor?: string,
): Promise<FilePage> {
  let { files, cursor: next } = await pastEmptyPages(read, cursor);
  for (let i = 1; next && !enough(files) && i < mostPages; i++) {
    const page = await read(next);
    files = [...files, ...page.files];
    next = page.cursor;
  }
  return { files, ...(next && { cursor: next }) };
}
