// The files on the screen: the first page is polled every few seconds, later pages stay as they were loaded.
import { batch, signal } from "@preact/signals";
import type { Api, File, FilePage } from "../api/client";
import { isAbort } from "../api/errors";
import { type Polling, poll } from "../polling";
import { append, layOver, newIds, type Order } from "./merge";
import { pagesUntil, pastEmptyPages } from "./pages";

const PAGE = 50;
const LARGEST_PAGE = 100;
const LIVE_MS = 4_000;
/** The interval after QUIET_AFTER polls without a change. */
const QUIET_MS = 12_000;
const QUIET_AFTER = 10;
/** The most pages of one search for matching files, or of one return to a place far down. */
const MOST_PAGES = 5;

/** Changes the person just made and the catalogue does not show yet, by file; dropped once it shows them. */
const announced = new Map<string, { change: Partial<File>; until: number }>();
const ANNOUNCED_MS = 20_000;

function withAnnounced(file: File): File {
  const found = announced.get(file.id);
  if (!found) return file;
  if (Date.now() < found.until && file.status !== found.change.status) return { ...file, ...found.change };
  announced.delete(file.id);
  return file;
}

export function announceChange(id: string, change: Partial<File>): void {
  announced.set(id, { change, until: Date.now() + ANNOUNCED_MS });
}

export class LiveList {
  readonly prefix: string;
  readonly files = signal<File[]>([]);
  readonly phase = signal<"loading" | "ready" | "failed">("loading");
  readonly error = signal<unknown>(undefined);
  readonly loadingMore = signal(false);
  readonly hasMore = signal(false);
  readonly seenAt = signal<Date | undefined>(undefined);
  /** Files that arrived since the previous poll. */
  readonly arrived = signal<ReadonlySet<string>>(new Set());

  readonly #api: Api;
  readonly #atLeast: number;
  #cursor: string | undefined;
  #quietLooks = 0;
  #polling: Polling | undefined;

  /** `atLeast`: how many files to load at the beginning, for a return to a place further down. */
  constructor(api: Api, prefix: string, atLeast = 0) {
    this.#api = api;
    this.prefix = prefix;
    this.#atLeast = atLeast;
  }

  get #order(): Order {
    return this.prefix ? "key" : "newest";
  }

  start(): void {
    this.files.value = this.files.value.map(withAnnounced);
    this.#polling ??= poll(
      (aborted) => this.#look(aborted),
      () => (this.#quietLooks > QUIET_AFTER ? QUIET_MS : LIVE_MS),
    );
  }

  stop(): void {
    this.#polling?.stop();
    this.#polling = undefined;
  }

  /** A change is expected: poll now, at the short interval. */
  refresh(): void {
    this.#quietLooks = 0;
    this.#polling?.now();
  }

  retry(): void {
    if (this.files.value.length === 0) this.phase.value = "loading";
    this.refresh();
  }

  /** Loads the next page; with a filter, as many as it takes to find a match, up to MOST_PAGES. */
  async loadMore(matches?: (file: File) => boolean): Promise<void> {
    if (this.loadingMore.value || !this.#cursor) return;
    this.loadingMore.value = true;
    try {
      const page = await pagesUntil(
        (cursor) => this.#page(matches ? LARGEST_PAGE : PAGE, cursor),
        (files) => files.some(matches ?? (() => true)),
        MOST_PAGES,
        this.#cursor,
      );
      batch(() => {
        this.files.value = append(this.files.value, page).map(withAnnounced);
        this.#setCursor(page.cursor);
        this.error.value = undefined;
      });
    } catch (thrown) {
      this.error.value = thrown;
    } finally {
      this.loadingMore.value = false;
    }
  }

  #page(limit: number, cursor: string | undefined, aborted?: AbortSignal): Promise<FilePage> {
    return this.#api.listFiles(
      { limit, ...(cursor && { cursor }), ...(this.prefix && { prefix: this.prefix }) },
      aborted,
    );
  }

  #setCursor(cursor: string | undefined): void {
    this.#cursor = cursor;
    this.hasMore.value = cursor !== undefined;
  }

  async #look(aborted: AbortSignal): Promise<void> {
    const known = this.files.value;
    try {
      const wanted = known.length || this.#atLeast;
      const limit = Math.min(LARGEST_PAGE, Math.max(PAGE, wanted));
      const read = (cursor: string | undefined) => this.#page(limit, cursor, aborted);
      const page =
        known.length > 0
          ? await pastEmptyPages(read)
          : await pagesUntil(read, (files) => files.length >= wanted, MOST_PAGES);
      if (aborted.aborted) return;
      // Read again: "load more" may have finished in the meantime.
      const before = this.files.value;
      const merged = layOver(before, this.#cursor, page, this.#order);
      const fresh = this.phase.value === "ready" ? newIds(before, merged.files) : [];
      const moved = fresh.length > 0 || merged.files.some((file, i) => file.status !== before[i]?.status);
      this.#quietLooks = moved ? 0 : this.#quietLooks + 1;
      batch(() => {
        this.files.value = merged.files.map(withAnnounced);
        this.#setCursor(merged.cursor);
        this.phase.value = "ready";
        this.error.value = undefined;
        this.seenAt.value = new Date();
        // After a gap every file would be new, which is no information.
        if (fresh.length > 0 && !merged.gap) this.arrived.value = new Set(fresh);
      });
    } catch (thrown) {
      if (isAbort(thrown)) return;
      batch(() => {
        this.error.value = thrown;
        if (this.phase.value === "loading") this.phase.value = "failed";
      });
      throw thrown;
    }
  }
}
