// The folders to choose from: those of the files that were loaded so far, and the folders above them.
import { signal } from "@preact/signals";
import type { File } from "../api/client";

const MOST = 300;

const known = signal<ReadonlySet<string>>(new Set());

/** "a/b/c" → "a/", "a/b/", "a/b/c/": each a prefix of the keys below it. */
export function foldersOf(folder: string): string[] {
  if (!folder) return [];
  const parts = folder.split("/");
  return parts.map((_, i) => `${parts.slice(0, i + 1).join("/")}/`);
}

export function learnFolders(files: File[]): void {
  const all = new Set(known.value);
  for (const file of files) {
    for (const folder of foldersOf(file.folder)) if (all.size < MOST) all.add(folder);
  }
  if (all.size > known.value.size) known.value = all;
}

export function forgetFolders(): void {
  known.value = new Set();
}

/** Sorted; with the folder that is chosen now, wherever it comes from. */
export function folderChoices(prefix: string): string[] {
  const chosen = prefix.endsWith("/") && prefix.length > 1 ? [prefix] : [];
  return [...new Set([...known.value, ...chosen])].sort((a, b) => a.localeCompare(b, "en"));
}
