// The API's operations on the mock's catalogue.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { components } from "../src/api/contract.d.ts";
import type { Bucket } from "./bucket.ts";
import { findOperation, type Operation } from "./contract.ts";
import { type Files, type Item, idOf, inspected, listed } from "./files.ts";
import { readBody, send, sendJson } from "./http.ts";
import { BATCH, PART_BYTES, type PartRequest } from "./parts.ts";
import { PERSON, type SignInPage } from "./sign-in.ts";

type UploadRequest = components["schemas"]["UploadRequest"];
type Act = components["schemas"]["Me"]["can"][number];
type LinksRequest = components["schemas"]["MultipartLinksRequest"];

/** How many catalogue items a page reads at most, for each file it may hold. */
const READS_PER_FILE = 12;

export const EVERYTHING: readonly Act[] = ["read", "upload", "delete", "reprocess"];
const NEEDS: Record<string, Act> = {
  listFiles: "read",
  readStats: "read",
  createUpload: "upload",
  createMultipartUpload: "upload",
  signMultipartUpload: "upload",
  reprocessFile: "reprocess",
  deleteFile: "delete",
};

const OWN_FOLDER = "people/maria/";
const keyOf = ({ name, folder }: UploadRequest): string => OWN_FOLDER + [folder, name].filter(Boolean).join("/");

const NOT_CLEAN = "The file is not known to be clean. It cannot be downloaded here.";

function previewKind(file: Item): "image" | "text" | "pdf" | undefined {
  const type = file.contentType ?? "";
  if (file.status !== "processed") return undefined;
  if (/^image\/(png|jpeg|gif|webp|avif)$/.test(type)) return "image";
  if (type === "application/pdf") return "pdf";
  return type.startsWith("text/") ? "text" : undefined;
}

interface Answer {
  status: number;
  body?: unknown;
}

const error = (status: number, code: string, message: string): Answer => ({
  status,
  body: { error: { code, message } },
});
const ok = (body: unknown, status = 200): Answer => ({ status, body });

interface Fault {
  operation: string;
  answer: Answer;
}

export class MockApi {
  /** Responses to send instead, each once. */
  readonly faults: Fault[] = [];
  /** The operations that the page called, newest last. */
  readonly asked: string[] = [];
  /** Milliseconds before each answer. */
  delay = 0;
  maxUploadMegabytes = 1024;
  /** What the person may do, in which folders; undefined: in all. */
  can: Act[] = [...EVERYTHING];
  folders: string[] | undefined;
  /** How far the rules' expectations are met; undefined: no rule expects files. */
  expected: components["schemas"]["Expected"] | undefined;
  /** Milliseconds until the catalogue shows a deletion. */
  removalMs = 0;
  readonly #files: Files;
  readonly #bucket: Bucket;
  readonly #signIn: SignInPage;
  readonly #cloudOrigin: () => string;

  constructor(files: Files, bucket: Bucket, signIn: SignInPage, cloudOrigin: () => string) {
    this.#files = files;
    this.#bucket = bucket;
    this.#signIn = signIn;
    this.#cloudOrigin = cloudOrigin;
  }

  fail(operation: string, status: number, code: string, message: string, times = 1): void {
    for (let i = 0; i < times; i++) this.faults.push({ operation, answer: error(status, code, message) });
  }

  async handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const bytes = await readBody(request);
    if (this.delay) await new Promise((resolve) => setTimeout(resolve, this.delay));
    const operation = findOperation(request.method ?? "GET", url.pathname.slice("/v1".length));
    if (!operation) return sendJson(response, 404, error(404, "not_found", "There is no such address.").body);
    this.asked.push(operation.id);
    const answer = this.#answer(operation, request, url.searchParams, bytes);
    const problems = operation.answerProblems(answer.status, answer.body);
    // A mock that drifts from the contract would prove nothing.
    if (problems.length > 0) throw new Error(`The mock breaks the contract: ${problems.join("; ")}`);
    if (answer.body === undefined) send(response, answer.status);
    else sendJson(response, answer.status, answer.body);
  }

  #answer(operation: Operation, request: IncomingMessage, query: URLSearchParams, bytes: Buffer): Answer {
    const scopes = this.#signIn.scopesOf(request.headers.authorization);
    if (!scopes) return error(401, "unauthorized", "Sign in first.");
    if (!operation.scopes.some((scope) => scopes.includes(scope)))
      return error(403, "forbidden", "Not with this token.");
    const fault = this.faults.findIndex((one) => one.operation === operation.id);
    if (fault >= 0) return this.faults.splice(fault, 1)[0]?.answer ?? error(500, "internal", "?");
    let body: unknown;
    try {
      body = bytes.length > 0 ? JSON.parse(bytes.toString()) : undefined;
    } catch {
      return error(400, "invalid_request", "The body is not JSON.");
    }
    const problems = operation.problems(query, body);
    if (problems.length > 0) return error(400, "invalid_request", problems.join("; "));
    return this.#perform(operation, query, body);
  }

  #perform(operation: Operation, query: URLSearchParams, body: unknown): Answer {
    if (operation.id === "getMe") {
      return ok({
        name: PERSON,
        groups: ["team"],
        can: this.can,
        ...(this.folders && { folders: this.folders }),
        ...(this.can.includes("upload") && { uploadFolder: OWN_FOLDER }),
      });
    }
    const file = this.#files.items.get(operation.path.id ?? "");
    if (operation.path.id !== undefined && !(file && this.#isReadable(file)))
      return error(404, "not_found", "There is no such file.");
    const act = NEEDS[operation.id];
    if (act && !this.can.includes(act))
      return error(403, "forbidden", `You may not ${act} here. Members of admins may.`);
    for (const item of this.#files.items.values()) item.can = this.#acts(item);
    if (operation.id === "listFiles") return this.#list(query);
    if (operation.id === "readStats") return ok(this.#stats());
    if (operation.id === "createUpload") return this.#upload(body as UploadRequest);
    if (operation.id === "createMultipartUpload") return this.#startParts(body as UploadRequest);
    if (operation.id === "signMultipartUpload") return this.#signParts(body as LinksRequest);
    if (!file) return error(404, "not_found", "There is no such file.");
    if (operation.id === "getFile") {
      const { bytes: _, ...details } = file;
      const preview = file.scan?.refused ? undefined : previewKind(file);
      return ok({ ...details, ...(preview && { preview }) });
    }
    if (operation.id === "downloadFile") return this.#download(file);
    if (operation.id === "previewFile") return this.#preview(file);
    if (operation.id === "reprocessFile") return this.#reprocess(file);
    if (this.removalMs) setTimeout(() => this.#files.remove(file), this.removalMs).unref();
    else this.#files.remove(file);
    return { status: 204 };
  }

  #isReadable(file: Item): boolean {
    return this.can.includes("read") && (this.folders?.some((folder) => file.key.startsWith(folder)) ?? true);
  }

  #acts(file: Item): Item["can"] {
    return (["delete", "reprocess"] as const).filter(
      (act) => this.can.includes(act) && !(act === "delete" && file.readOnly),
    );
  }

  #stats(): components["schemas"]["Stats"] {
    const stats = this.#files.stats(Date.now());
    if (!this.folders) return { ...stats, ...(this.expected && { expected: this.expected }) };
    const latest = this.#files.newest().filter((file) => this.#isReadable(file) && file.status !== "removed");
    return { ...stats, days: [], daysWithheld: true, latest: latest.slice(0, 10).map(listed) };
  }

  #list(query: URLSearchParams): Answer {
    const prefix = query.get("prefix") ?? "";
    const limit = Number(query.get("limit") ?? 50);
    const cursor = query.get("cursor");
    const all = prefix
      ? [...this.#files.items.values()]
          .filter((file) => file.key.startsWith(prefix) && file.status !== "removed")
          .sort((a, b) => (a.key < b.key ? -1 : 1))
      : this.#files.newest();
    // A cursor names the last file of the page before, so that newer files shift nothing.
    let start = 0;
    if (cursor) {
      const [forPrefix, last] = JSON.parse(Buffer.from(cursor, "base64url").toString()) as [string, string];
      const at = all.findIndex((file) => file.id === last);
      if (forPrefix !== prefix || at < 0) return error(400, "invalid_cursor", "This cursor is not from here.");
      start = at + 1;
    }
    // Removed files are left out after reading, and a page reads only so many.
    const page: Item[] = [];
    let end = start;
    while (end < all.length && page.length < limit && end - start < READS_PER_FILE * limit) {
      const file = all[end++];
      if (file && file.status !== "removed" && this.#isReadable(file)) page.push(file);
    }
    const last = all[end - 1];
    const more = last && end < all.length;
    return ok({
      files: page.map(listed),
      ...(more && { cursor: Buffer.from(JSON.stringify([prefix, last.id])).toString("base64url") }),
    });
  }

  #refusal({ name, size, folder }: UploadRequest): Answer | undefined {
    if (size > this.maxUploadMegabytes * 1024 * 1024) return error(400, "too_large", "The file is too large.");
    if (name.includes("/") || folder?.split("/").includes("..")) {
      return error(400, "invalid_name", 'A folder may not contain "..", a name no slash.');
    }
    return undefined;
  }

  #startParts(request: UploadRequest): Answer {
    const refusal = this.#refusal(request);
    if (refusal) return refusal;
    const key = keyOf(request);
    const url = this.#cloudOrigin() + this.#bucket.parts.startLink({ key, type: request.contentType, by: PERSON });
    const start = { url, headers: { "Content-Type": request.contentType } };
    return ok({ start, key, id: idOf(key), partBytes: PART_BYTES, expiresInSeconds: 900 }, 201);
  }

  #signParts({ uploadId, size, firstPart }: LinksRequest): Answer {
    const link = (request: PartRequest) => this.#cloudOrigin() + this.#bucket.parts.link(uploadId, request);
    const count = Math.ceil(size / PART_BYTES);
    const numbers = Array.from({ length: Math.min(BATCH, count - firstPart + 1) }, (_, i) => firstPart + i);
    return ok({
      parts: numbers.map((number) => ({
        partNumber: number,
        url: link({ part: number, length: Math.min(PART_BYTES, size - (number - 1) * PART_BYTES) }),
      })),
      listUrl: link("list"),
      completeUrl: link("complete"),
      abortUrl: link("abort"),
      expiresInSeconds: 900,
    });
  }

  #upload(request: UploadRequest): Answer {
    const refusal = this.#refusal(request);
    if (refusal) return refusal;
    const { size, contentType } = request;
    const key = keyOf(request);
    const fields = this.#bucket.permit({ key, size, type: contentType, by: PERSON });
    return ok({ url: `${this.#cloudOrigin()}/bucket/`, fields, key, id: idOf(key), expiresInSeconds: 300 }, 201);
  }

  #download(file: Item): Answer {
    if (file.status === "removed") return error(410, "gone", "The file was removed.");
    if (file.scan?.refused) return error(409, "conflict", NOT_CLEAN);
    return ok({ url: this.#cloudOrigin() + this.#bucket.link(file.id), expiresInSeconds: 60 });
  }

  #preview(file: Item): Answer {
    if (file.status === "removed") return error(410, "gone", "The file was removed.");
    if (file.scan?.refused) return error(409, "conflict", NOT_CLEAN);
    const kind = previewKind(file);
    if (!kind) return error(409, "conflict", "The file has no preview.");
    const contentType = kind === "text" ? "text/plain; charset=utf-8" : (file.contentType ?? "");
    const range = kind === "text" ? "bytes=0-65535" : undefined;
    const link = this.#bucket.link(file.id, { contentType, range });
    return ok({ kind, url: this.#cloudOrigin() + link, contentType, ...(range && { range }), expiresInSeconds: 300 });
  }

  #reprocess(file: Item): Answer {
    file.status = "received";
    delete file.failure;
    delete file.processedAt;
    setTimeout(() => inspected(file, [["Inspected", "again"]]), this.#bucket.inspectionMs).unref();
    return ok({ id: file.id }, 202);
  }
}
