// The files on the screen: the newest page is looked at again every few seconds, older pages stay where they are.
import { batch, signal } from "@preact/signals";
import type { Api, File } from "../api/client";
import { isAbort, messageOf } from "../api/errors";
import { type Polling, poll } from "../polling";
import { append, layOver, newIds, type Order } from "./merge";

const PAGE = 50;
const LARGEST_PAGE = 100;
const LIVE_MS = 4_000;
/** Nothing moved for a while: look less often. */
const QUIET_MS = 12_000;
const QUIET_AFTER = 10;
/** Empty pages with a cursor are read past, but not for ever. */
const MOST_EMPTY_PAGES = 5;

/** What the person has just done and the catalogue will hear of in a moment, by file. Kept until it says the same. */
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
  /** What came in while somebody was looking. */
  readonly arrived = signal<ReadonlySet<string>>(new Set());

  readonly #api: Api;
  #cursor: string | undefined;
  #quietLooks = 0;
  #polling: Polling | undefined;

  constructor(api: Api, prefix: string) {
    this.#api = api;
    this.prefix = prefix;
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

  /** Something is about to change: look now, and often. */
  refresh(): void {
    this.#quietLooks = 0;
    this.#polling?.now();
  }

  retry(): void {
    if (this.files.value.length === 0) this.phase.value = "loading";
    this.refresh();
  }

  async loadMore(): Promise<void> {
    if (this.loadingMore.value || !this.#cursor) return;
    this.loadingMore.value = true;
    try {
      let page = await this.#page({ limit: PAGE, cursor: this.#cursor });
      for (let i = 0; page.cursor && page.files.length === 0 && i < MOST_EMPTY_PAGES; i++) {
        page = await this.#page({ limit: PAGE, cursor: page.cursor });
      }
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

  #page(query: { limit: number; cursor?: string }, aborted?: AbortSignal) {
    return this.#api.listFiles({ ...query, ...(this.prefix && { prefix: this.prefix }) }, aborted);
  }

  #setCursor(cursor: string | undefined): void {
    this.#cursor = cursor;
    this.hasMore.value = cursor !== undefined;
  }

  async #look(aborted: AbortSignal): Promise<void> {
    const known = this.files.value;
    try {
      const limit = Math.min(LARGEST_PAGE, Math.max(PAGE, known.length));
      let page = await this.#page({ limit }, aborted);
      for (let i = 0; page.cursor && page.files.length === 0 && i < MOST_EMPTY_PAGES; i++) {
        page = await this.#page({ limit, cursor: page.cursor }, aborted);
      }
      if (aborted.aborted) return;
      // Read again: "load more" may have finished meanwhile.
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
        // After a gap everything would be new, which tells nobody anything.
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

export const listError = (list: LiveList): string => messageOf(list.error.value);
