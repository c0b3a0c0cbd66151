// Uploads go from the browser straight to the bucket, with a form that the API signs for each file. They continue while
// the person uses other views.
import { computed, signal } from "@preact/signals";
import AwsS3 from "@uppy/aws-s3";
import Uppy from "@uppy/core";
import DropTarget from "@uppy/drop-target";
import type { Api } from "../api/client";
import { reasonOf, tooLarge } from "./reasons";
import { tidyFolder, uploadRequest } from "./request";

export interface UploadItem {
  id: string;
  name: string;
  size: number;
  state: "waiting" | "sending" | "done" | "failed" | "refused";
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
/** False where there is no bucket for uploads: only buckets that other programs made are watched. */
export const accepted = signal(true);
export const dragging = signal(false);
/** Counts finished uploads; the list polls when it changes. */
export const finished = signal(0);

export const active = computed(() =>
  items.value.filter((item) => item.state === "waiting" || item.state === "sending"),
);

function change(id: string, by: Partial<UploadItem>): void {
  items.value = items.value.map((item) => (item.id === id ? { ...item, ...by } : item));
}

function warnBeforeLeaving(event: BeforeUnloadEvent): void {
  if (active.value.length > 0) event.preventDefault();
}

export class Uploads {
  readonly #uppy: Uppy<Meta, Body>;
  /** Failed files, for a retry. In Uppy's own list they would be sent again with the next file added. */
  readonly #failed = new Map<string, Chosen>();
  #hide: ReturnType<typeof setTimeout> | undefined;

  constructor(api: Api, maxMegabytes: number) {
    accepted.value = maxMegabytes > 0;
    const uppy = new Uppy<Meta, Body>({
      autoProceed: true,
      restrictions: { maxFileSize: maxMegabytes * 1024 * 1024 },
      // Its messages hold file names; errors are shown beside the file.
      logger: { debug() {}, warn() {}, error() {} },
      // The same file may be uploaded twice.
      onBeforeFileAdded: (file) => ({
        ...file,
        id: file.meta.again ?? crypto.randomUUID(),
        meta: { ...file.meta, folder: file.meta.folder ?? tidyFolder(folder.value) },
      }),
    });
    uppy.use(AwsS3, {
      shouldUseMultipart: false,
      limit: 3,
      // Ties the plugin's request for a signature to the file it is for.
      generateObjectKey: (file) => file.id,
      signRequest: async ({ key: id }) => {
        const file = uppy.getFile(id);
        change(id, { state: "sending", progress: 0 });
        const upload = await api.createUpload(
          uploadRequest({
            name: file.name ?? "file",
            size: file.size ?? 0,
            type: file.type,
            folder: file.meta.folder ?? "",
            relativePath: file.meta.relativePath ?? null,
          }),
        );
        change(id, { fileId: upload.id });
        return { url: upload.url, fields: upload.fields };
      },
    });
    uppy.on("files-added", (files) => {
      const added = files
        .filter((file) => !file.meta.again)
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
      finished.value += 1;
      // Uppy would hold on to the file's bytes.
      uppy.removeFile(file.id);
    });
    uppy.on("upload-error", (file, error) => {
      if (!file) return;
      change(file.id, { state: "failed", reason: reasonOf(error) });
      if (file.data instanceof Blob) {
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
    this.#uppy = uppy;
  }

  /** Whether files may be dropped on the page: only while signed in. */
  accept(accepting: boolean): void {
    const target = this.#uppy.getPlugin("DropTarget");
    if (!accepted.value) return;
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

  retry(id: string): void {
    const chosen = this.#failed.get(id);
    if (!chosen) return;
    this.#failed.delete(id);
    change(id, { state: "waiting", progress: 0 });
    this.#uppy.addFile(chosen);
  }

  /** Cancels the upload if it is running, and removes it from the list. */
  remove(id: string): void {
    this.#failed.delete(id);
    if (this.#uppy.getFile(id)) this.#uppy.removeFile(id);
    items.value = items.value.filter((item) => item.id !== id);
  }

  clear(): void {
    for (const item of items.value) if (!active.value.includes(item)) this.remove(item.id);
  }

  #drag(over: boolean): void {
    clearTimeout(this.#hide);
    if (over) dragging.value = true;
    // Moving from one element to the next leaves the first: only a leave that lasts is one.
    else this.#hide = setTimeout(() => (dragging.value = false), 120);
  }
}
