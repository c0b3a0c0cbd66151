// Uploads in parts that were interrupted: S3 keeps their parts, and the person chooses the file again to go on. Kept in
// this tab's sessionStorage, so that a reload loses nothing; the bucket drops what nobody finishes.

export interface Unfinished {
  /** Of the item in the panel. */
  itemId: string;
  /** The file's id in the catalogue. */
  fileId: string;
  /** Who started it: only they can go on. */
  person: string;
  name: string;
  size: number;
  lastModified: number;
  key: string;
  uploadId: string;
}

type ChosenFile = Pick<Unfinished, "name" | "size" | "lastModified">;

const KEY = "unfinished-uploads";

function isUnfinished(value: unknown): value is Unfinished {
  const entry = value as Partial<Unfinished> | null;
  return (
    typeof entry === "object" &&
    entry !== null &&
    [entry.itemId, entry.fileId, entry.person, entry.name, entry.key, entry.uploadId].every(
      (text) => typeof text === "string",
    ) &&
    [entry.size, entry.lastModified].every((number) => typeof number === "number")
  );
}

export class UnfinishedUploads {
  readonly #storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;

  constructor(storage: Pick<Storage, "getItem" | "setItem" | "removeItem">) {
    this.#storage = storage;
  }

  of(person: string): Unfinished[] {
    return this.#all().filter((entry) => entry.person === person);
  }

  byItem(itemId: string): Unfinished | undefined {
    return this.#all().find((entry) => entry.itemId === itemId);
  }

  /** The upload that a chosen file belongs to: the same name, size and time of change. */
  matching(file: ChosenFile, person: string): Unfinished | undefined {
    return this.of(person).find(
      (entry) => entry.name === file.name && entry.size === file.size && entry.lastModified === file.lastModified,
    );
  }

  add(entry: Unfinished): void {
    this.#save([...this.#all().filter((other) => other.itemId !== entry.itemId), entry]);
  }

  remove(itemId: string): void {
    this.#save(this.#all().filter((entry) => entry.itemId !== itemId));
  }

  clear(): void {
    this.#save([]);
  }

  #all(): Unfinished[] {
    try {
      const stored: unknown = JSON.parse(this.#storage.getItem(KEY) ?? "[]");
      return Array.isArray(stored) ? stored.filter(isUnfinished) : [];
    } catch {
      // Not ours, or from another version of the page.
      return [];
    }
  }

  #save(entries: Unfinished[]): void {
    if (entries.length === 0) this.#storage.removeItem(KEY);
    else this.#storage.setItem(KEY, JSON.stringify(entries));
  }
}
