// Uploads go from the browser straight to the bucket: small files in one form, large ones in parts that can be paused and
// sent again. They continue while the person uses other views.
import { computed, signal } from "@preact/signals";
import AwsS3 from "@uppy/aws-s3";
import Uppy from "@uppy/core";
import DropTarget from "@uppy/drop-target";
import type { Api } from "../api/client";
import { canRetry } from "../api/errors";
import { me } from "../session/rights";
import { PART_BYTES } from "./parts";
import { reasonOf, tooLarge } from "./reasons";
import { goesInParts, IN_PARTS_FROM, tidyFolder, uploadRequest } from "./request";
import { type SignedFile, Signing } from "./signing";
import { type Unfinished, UnfinishedUploads } from "./unfinished";

export interface UploadItem {
  id: string;
  name: string;
  size: number;
  /** unfinished: interrupted by a reload; goes on when the file is chosen again. */
  state: "waiting" | "sending" | "paused" | "done" | "failed" | "refused" | "unfinished";
  /** 0 to 1 */
  progress: number;
  reason?: string;
  /** The file's id in the catalogue, once the API has chosen it. */
  fileId?: string;
}

type Meta = {
  folder?: string;
  /** Within a chosen or dropped folder. */
  relativePath?: string;
  /** The id of a failed upload that is retried. */
  again?: string;
};
type Body = Record<string, never>;
type Chosen = { name: string; type: string; data: Blob; source: string; meta: Meta };

export const items = signal<UploadItem[]>([]);
export const folder = signal("");
export const panelOpen = signal(false);
export const panelFolded = signal(false);
/** Counts how often somebody asked for the panel. */
export const panelAsked = signal(0);

export function askForPanel(): void {
  panelOpen.value = true;
  panelFolded.value = false;
  panelAsked.value += 1;
}

/** False where there is no bucket for uploads: only buckets that other programs made are watched. */
const hasBucket = signal(true);
/** Whether this person may upload here. */
export const accepted = computed(() => hasBucket.value && (me.value?.can.includes("upload") ?? false));
/** The folder that the next files go to: each person's uploads have a folder of their own. */
export const destination = computed(() => {
  const own = me.value?.uploadFolder;
  const below = tidyFolder(folder.value);
  return own === undefined ? undefined : `${own}${below && `${below}/`}`;
});
export const dragging = signal(false);
/** Counts finished uploads; the list polls when it changes. */
export const finished = signal(0);

export const active = computed(() =>
  items.value.filter((item) => item.state === "waiting" || item.state === "sending" || item.state === "paused"),
);
/** Of all files that are uploaded or on their way: bytes in all, and bytes sent. */
export const total = computed(() => {
  const counted = items.value.filter((item) => item.state === "done" || active.value.includes(item));
  return {
    size: counted.reduce((sum, item) => sum + item.size, 0),
    sent: counted.reduce((sum, item) => sum + item.size * item.progress, 0),
  };
});

/** Whether an upload can be paused: only parts that were sent are not sent again. */
export const isPausable = (item: UploadItem): boolean =>
  item.size > IN_PARTS_FROM && (item.state === "sending" || item.state === "paused");

function change(id: string, by: Partial<UploadItem>): void {
  items.value = items.value.map((item) => (item.id === id ? { ...item, ...by } : item));
}

function warnBeforeLeaving(event: BeforeUnloadEvent): void {
  if (active.value.length > 0) event.preventDefault();
}

/** What nobody takes here would replace this page: the browser opens a file that is dropped on it. */
function refuseDrop(event: DragEvent): void {
  if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "none";
}

const isWaiting = (id: string): boolean => items.value.some((item) => item.id === id && item.state === "waiting");

const lastModifiedOf = (data: unknown): number => (data instanceof File ? data.lastModified : 0);

export class Uploads {
  readonly #uppy: Uppy<Meta, Body>;
  readonly #signing: Signing;
  readonly #unfinished = new UnfinishedUploads(window.sessionStorage);
  #person = "";
  /** Failed files, for a retry. In Uppy's own list they would be sent again with the next file added. */
  readonly #failed = new Map<string, Chosen>();
  #hide: ReturnType<typeof setTimeout> | undefined;

  constructor(api: Api, maxMegabytes: number) {
    hasBucket.value = maxMegabytes > 0;
    const uppy = new Uppy<Meta, Body>({
      autoProceed: true,
      restrictions: { maxFileSize: maxMegabytes * 1024 * 1024 },
      // Its messages hold file names; errors are shown beside the file.
      logger: { debug() {}, warn() {}, error() {} },
      onBeforeFileAdded: (file) => {
        const unfinished = this.#unfinishedOf(file.meta.again, file.name ?? "", file.data);
        if (unfinished) this.#signing.know(unfinished);
        return {
          ...file,
          // The same file may be uploaded twice.
          id: file.meta.again ?? unfinished?.itemId ?? crypto.randomUUID(),
          meta: { ...file.meta, folder: file.meta.folder ?? tidyFolder(folder.value) },
          ...(unfinished && { s3Multipart: { uploadId: unfinished.uploadId, key: unfinished.key } }),
        };
      },
    });
    const fileOf = (id: string): SignedFile => {
      const file = uppy.getFile(id);
      return {
        name: file.name ?? "file",
        size: file.size ?? 0,
        type: file.type,
        folder: file.meta.folder ?? "",
        relativePath: file.meta.relativePath ?? null,
        lastModified: lastModifiedOf(file.data),
      };
    };
    this.#signing = new Signing({
      api,
      unfinished: this.#unfinished,
      person: () => this.#person,
      fileOf,
      onStarted: (id, fileId) => change(id, { fileId, ...(isWaiting(id) && { state: "sending" }) }),
    });
    uppy.use(AwsS3, {
      shouldUseMultipart: (file) => goesInParts(uploadRequest(fileOf(file.id))),
      getChunkSize: () => PART_BYTES,
      limit: 3,
      // Ties the plugin's request for a signature to the file it is for.
      generateObjectKey: (file) => file.id,
      signRequest: (request) => this.#signing.sign(request),
    });
    uppy.on("files-added", (files) => {
      const listed = new Set(items.value.map((item) => item.id));
      for (const file of files) if (listed.has(file.id)) change(file.id, { state: "waiting", progress: 0 });
      const added = files
        .filter((file) => !listed.has(file.id))
        .map(
          (file): UploadItem => ({
            id: file.id,
            name: file.name ?? "file",
            size: file.size ?? 0,
            state: "waiting",
            progress: 0,
          }),
        );
      items.value = [...added, ...items.value];
      panelOpen.value = true;
    });
    uppy.on("upload-progress", (file, progress) => {
      const total = progress.bytesTotal ?? 0;
      if (file && total > 0) change(file.id, { progress: Math.min(1, progress.bytesUploaded / total) });
    });
    uppy.on("upload-success", (file) => {
      if (!file) return;
      change(file.id, { state: "done", progress: 1 });
      this.#unfinished.remove(file.id);
      finished.value += 1;
      // Uppy would hold on to the file's bytes.
      uppy.removeFile(file.id);
    });
    uppy.on("upload-error", (file, error) => {
      if (!file) return;
      const refused = !canRetry(error);
      change(file.id, { state: refused ? "refused" : "failed", reason: reasonOf(error) });
      // Chosen again, the file is sent from its beginning.
      if (refused || (error as { code?: unknown }).code === "NoSuchUpload") this.#unfinished.remove(file.id);
      if (!refused && file.data instanceof Blob) {
        this.#failed.set(file.id, {
          name: file.name ?? "file",
          type: file.type ?? "",
          data: file.data,
          source: "again",
          meta: {
            folder: file.meta.folder ?? "",
            again: file.id,
            ...(file.meta.relativePath && { relativePath: file.meta.relativePath }),
          },
        });
      }
      uppy.removeFile(file.id);
    });
    uppy.on("restriction-failed", (file, error) => {
      const size = file?.data instanceof Blob ? file.data.size : (file?.size ?? 0);
      const reason = size > maxMegabytes * 1024 * 1024 ? tooLarge(size, maxMegabytes) : error.message;
      const refused: UploadItem = {
        id: crypto.randomUUID(),
        name: file?.name ?? "file",
        size,
        state: "refused",
        progress: 0,
        reason,
      };
      items.value = [refused, ...items.value];
      panelOpen.value = true;
    });
    window.addEventListener("beforeunload", warnBeforeLeaving);
    for (const kind of ["dragover", "drop"] as const) window.addEventListener(kind, refuseDrop);
    this.#uppy = uppy;
  }

  /**
   * Who is signed in, if anybody: only then unfinished uploads are listed, and files may be dropped on the page if that
   * person may upload.
   */
  accept(person: string | undefined): void {
    const accepting = person !== undefined && accepted.value;
    if (person !== undefined && person !== this.#person) this.#list(this.#unfinished.of(person));
    this.#person = person ?? "";
    const target = this.#uppy.getPlugin("DropTarget");
    if (!accepting && target) this.#uppy.removePlugin(target);
    if (!accepting || target) return;
    this.#uppy.use(DropTarget, {
      target: document.body,
      onDragOver: () => this.#drag(true),
      onDragLeave: () => this.#drag(false),
      onDrop: () => this.#drag(false),
    });
  }

  add(files: Iterable<File>): void {
    this.#uppy.addFiles(
      [...files].map((file) => ({
        name: file.name,
        type: file.type,
        data: file,
        source: "chosen",
        meta: file.webkitRelativePath ? { relativePath: file.webkitRelativePath } : {},
      })),
    );
  }

  /** Pauses an upload in parts, or continues it. */
  pause(id: string): void {
    const paused = this.#uppy.pauseResume(id);
    if (paused !== undefined) change(id, { state: paused ? "paused" : "sending" });
  }

  retry(id: string): void {
    const chosen = this.#failed.get(id);
    if (!chosen) return;
    this.#failed.delete(id);
    this.#uppy.addFile(chosen);
  }

  retryAll(): void {
    for (const item of items.value) if (item.state === "failed") this.retry(item.id);
  }

  /** Cancels the upload, drops the parts that were sent, and removes it from the list. */
  remove(id: string): void {
    const unfinished = this.#unfinished.byItem(id);
    this.#failed.delete(id);
    if (this.#uppy.getFile(id)) this.#uppy.removeFile(id);
    // What cannot be aborted now, the bucket drops by its lifecycle rule.
    else if (unfinished) this.#signing.abort(unfinished).catch(() => undefined);
    this.#unfinished.remove(id);
    items.value = items.value.filter((item) => item.id !== id);
  }

  /** Empties the list, but for uploads that are running or wait to be continued. */
  clear(): void {
    const done = items.value.filter((item) => !active.value.includes(item) && item.state !== "unfinished");
    for (const item of done) this.remove(item.id);
  }

  /** Cancels what is running. */
  stop(): void {
    for (const item of active.value) this.remove(item.id);
  }

  /** The next person in this tab finds nothing of the last one's. */
  forget(): void {
    this.#unfinished.clear();
  }

  #unfinishedOf(again: string | undefined, name: string, data: unknown): Unfinished | undefined {
    if (again !== undefined) return this.#unfinished.byItem(again);
    if (!(data instanceof File)) return undefined;
    const found = this.#unfinished.matching({ name, size: data.size, lastModified: data.lastModified }, this.#person);
    return found && this.#uppy.getFile(found.itemId) ? undefined : found;
  }

  #list(unfinished: Unfinished[]): void {
    const listed = new Set(items.value.map((item) => item.id));
    const added = unfinished
      .filter((entry) => !listed.has(entry.itemId))
      .map((entry): UploadItem => {
        const { itemId, name, size, fileId } = entry;
        return { id: itemId, name, size, fileId, state: "unfinished", progress: 0 };
      });
    if (added.length === 0) return;
    items.value = [...items.value, ...added];
    panelOpen.value = true;
  }

  #drag(over: boolean): void {
    clearTimeout(this.#hide);
    if (over) dragging.value = true;
    // Moving from one element to the next leaves the first: only a leave that lasts is one.
    else this.#hide = setTimeout(() => (dragging.value = false), 120);
  }
}
