// What Uppy asks for before each request to the bucket: a form for a small file, and for a large one the start of an
// upload in parts and then a link for each of its requests.
import type { Api } from "../api/client";
import { PartLinks } from "./parts";
import { type UploadRequestOf, uploadRequest } from "./request";
import type { Unfinished, UnfinishedUploads } from "./unfinished";

/** As Uppy has it: for the first request of a file, its key is what `generateObjectKey` returned, the item's id. */
interface SignableRequest {
  method: string;
  key: string;
  uploadId?: string;
  partNumber?: number;
}

interface Signed {
  url: string;
  key?: string;
  headers?: Record<string, string>;
  fields?: Record<string, string>;
}

export interface SignedFile extends UploadRequestOf {
  lastModified: number;
}

type Upload = Pick<Unfinished, "itemId" | "fileId" | "uploadId" | "size">;

interface Surroundings {
  api: Api;
  unfinished: UnfinishedUploads;
  person: () => string;
  fileOf: (itemId: string) => SignedFile;
  /** The API has chosen the file's id. */
  onStarted: (itemId: string, fileId: string) => void;
}

export class Signing {
  readonly #around: Surroundings;
  readonly #links: PartLinks;
  /** Uploads in parts by key: those that wait for their id from the bucket, and those that have it. */
  readonly #started = new Map<string, Omit<Unfinished, "uploadId">>();
  readonly #known = new Map<string, Upload>();

  constructor(around: Surroundings) {
    this.#around = around;
    this.#links = new PartLinks(around.api);
  }

  async sign({ method, key, uploadId, partNumber }: SignableRequest): Promise<Signed> {
    if (uploadId === undefined) return method === "PUT" ? this.#form(key) : this.#start(key);
    const { size } = this.#uploadOf(key, uploadId);
    const upload = { uploadId, size };
    // An upload goes on with a list of its parts. The links of before may be why it stopped.
    if (method === "GET") this.#links.forget(key);
    if (method === "PUT") return { url: await this.#links.urlOf(key, upload, { part: partNumber ?? 1 }) };
    const request = method === "GET" ? "list" : method === "DELETE" ? "abort" : "complete";
    return { url: await this.#links.urlOf(key, upload, request) };
  }

  /** Prepares for an upload that was started before: it may be continued or aborted. */
  know({ key, itemId, fileId, uploadId, size }: Unfinished): void {
    this.#known.set(key, { itemId, fileId, uploadId, size });
  }

  /** Aborts an upload that Uppy does not know. */
  async abort({ key, uploadId, size }: Unfinished): Promise<void> {
    const url = await this.#links.urlOf(key, { uploadId, size }, "abort");
    await fetch(url, { method: "DELETE", credentials: "omit" });
  }

  async #form(itemId: string): Promise<Signed> {
    const { api, fileOf, onStarted } = this.#around;
    const form = await api.createUpload(uploadRequest(fileOf(itemId)));
    onStarted(itemId, form.id);
    return { url: form.url, fields: form.fields };
  }

  async #start(itemId: string): Promise<Signed> {
    const { api, fileOf, onStarted, person } = this.#around;
    const file = fileOf(itemId);
    const { start, key, id } = await api.createMultipartUpload(uploadRequest(file));
    const { name, size, lastModified } = file;
    this.#started.set(key, { itemId, fileId: id, person: person(), name, size, lastModified, key });
    onStarted(itemId, id);
    return { url: start.url, headers: start.headers, key };
  }

  /** From the first request with an upload's id on, the upload can be continued. */
  #uploadOf(key: string, uploadId: string): Upload {
    const { unfinished, onStarted } = this.#around;
    const started = this.#started.get(key);
    if (started) {
      this.#started.delete(key);
      unfinished.add({ ...started, uploadId });
      this.know({ ...started, uploadId });
    }
    const upload = this.#known.get(key);
    if (upload?.uploadId !== uploadId) throw new Error("The upload is no longer known. Try again.");
    onStarted(upload.itemId, upload.fileId);
    return upload;
  }
}
