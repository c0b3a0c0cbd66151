// The files that are selected for an action. The selection outlives the view: it is still there when going back.
import { signal } from "@preact/signals";
import type { File } from "../api/client";

export class Selection {
  readonly ids = signal<ReadonlySet<string>>(new Set());
  #scope = "";
  #last: string | undefined;

  /** A selection belongs to one list under one filter: nothing that is not on the screen is acted on. */
  enter(scope: string): void {
    if (scope !== this.#scope) this.clear();
    this.#scope = scope;
  }

  /** The selected files among those shown, in their order. A file that left the list, or was removed, is not selected. */
  among(shown: File[]): File[] {
    return shown.filter((file) => this.ids.value.has(file.id) && isSelectable(file));
  }

  /** Selects or deselects a file; with `range`, all files from the one changed last to this one. */
  change(id: string, selected: boolean, shown: File[], range = false): void {
    const to = shown.findIndex((file) => file.id === id);
    const from = range ? shown.findIndex((file) => file.id === this.#last) : to;
    const changed = from < 0 ? [id] : shown.slice(Math.min(from, to), Math.max(from, to) + 1).map((file) => file.id);
    this.#set(changed, selected);
    this.#last = id;
  }

  changeAll(shown: File[], selected: boolean): void {
    this.#set(
      shown.map((file) => file.id),
      selected,
    );
  }

  remove(ids: string[]): void {
    this.#set(ids, false);
  }

  clear(): void {
    this.ids.value = new Set();
    this.#last = undefined;
  }

  #set(ids: string[], selected: boolean): void {
    const next = new Set(this.ids.value);
    for (const id of ids) {
      if (selected) next.add(id);
      else next.delete(id);
    }
    this.ids.value = next;
  }
}

/** Whether there is something to do with a file: what the catalogue does not have is unknown to every other request. */
export const isSelectable = (file: File): boolean => file.status !== "removed" && file.status !== "stored";

export const selection = new Selection();
