// Uploads in parts, as S3 has them: start, parts of the signed length, list, complete, abort.
import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { CORS, readBody, refusal, send } from "./http.ts";

export const PART_BYTES = 52 * 1024 * 1024;
export const BATCH = 20;

interface Upload {
  key: string;
  type: string;
  by: string;
}

export type PartRequest = "list" | "complete" | "abort" | { part: number; length: number };

type Link = { start: Upload } | { uploadId: string; request: PartRequest };

const XML = { ...CORS, "Content-Type": "application/xml" };
const etagOf = (bytes: Buffer): string => `"${createHash("md5").update(bytes).digest("hex")}"`;

export class Parts {
  /** Uploads that are neither complete nor aborted, with their parts by number. */
  readonly open = new Map<string, Upload & { parts: Map<number, Buffer> }>();
  /** The numbers of the parts that arrived, in order. */
  readonly received: number[] = [];
  /** No more than so many parts arrive: the next ones wait until it is more. */
  most = Number.POSITIVE_INFINITY;
  /** So many of the next parts are cut off. */
  cutOff = 0;
  readonly #links = new Map<string, Link>();
  readonly #store: (upload: Upload, bytes: Buffer) => string;

  constructor(store: (upload: Upload, bytes: Buffer) => string) {
    this.#store = store;
  }

  startLink(upload: Upload): string {
    return this.#link({ start: upload });
  }

  link(uploadId: string, request: PartRequest): string {
    return this.#link({ uploadId, request });
  }

  /** Every link that was handed out is refused from now on. */
  expireLinks(): void {
    this.#links.clear();
  }

  #link(link: Link): string {
    const token = randomBytes(12).toString("hex");
    this.#links.set(token, link);
    return `/bucket/parts/${token}`;
  }

  async handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> {
    if (!url.pathname.startsWith("/bucket/parts/")) return false;
    if (request.method === "OPTIONS") {
      const allowed = { "Access-Control-Allow-Methods": "*", "Access-Control-Allow-Headers": "*" };
      send(response, 200, "", { ...CORS, ...allowed });
      return true;
    }
    const link = this.#links.get(url.pathname.slice("/bucket/parts/".length));
    if (!link) send(response, 403, refusal("AccessDenied"), XML);
    else if ("start" in link) this.#start(request, response, link.start);
    else await this.#perform(request, response, link.uploadId, link.request);
    return true;
  }

  #start(request: IncomingMessage, response: ServerResponse, upload: Upload): void {
    if (request.headers["content-type"] !== upload.type) return send(response, 403, refusal("AccessDenied"), XML);
    const uploadId = randomBytes(8).toString("hex");
    this.open.set(uploadId, { ...upload, parts: new Map() });
    const body = `<InitiateMultipartUploadResult><UploadId>${uploadId}</UploadId></InitiateMultipartUploadResult>`;
    send(response, 200, body, XML);
  }

  async #perform(
    request: IncomingMessage,
    response: ServerResponse,
    uploadId: string,
    wanted: PartRequest,
  ): Promise<void> {
    if (typeof wanted === "object" && this.cutOff > 0) {
      this.cutOff -= 1;
      request.destroy();
      return;
    }
    const bytes = await readBody(request);
    const upload = this.open.get(uploadId);
    if (!upload) return send(response, 404, refusal("NoSuchUpload"), XML);
    if (typeof wanted === "object") {
      if (bytes.length !== wanted.length) return send(response, 403, refusal("SignatureDoesNotMatch"), XML);
      while (this.received.length >= this.most) await new Promise((resolve) => setTimeout(resolve, 10));
      upload.parts.set(wanted.part, bytes);
      this.received.push(wanted.part);
      return send(response, 200, "", { ...CORS, ETag: etagOf(bytes) });
    }
    if (wanted === "list") {
      const parts = [...upload.parts].map(
        ([number, part]) => `<Part><PartNumber>${number}</PartNumber><ETag>${etagOf(part)}</ETag></Part>`,
      );
      return send(response, 200, `<ListPartsResult>${parts.join("")}</ListPartsResult>`, XML);
    }
    this.open.delete(uploadId);
    if (wanted === "abort") return send(response, 204, undefined, CORS);
    const numbers = [...upload.parts.keys()].sort((a, b) => a - b);
    const whole = Buffer.concat(numbers.map((number) => upload.parts.get(number) ?? Buffer.alloc(0)));
    const etag = this.#store(upload, whole);
    const result = `<Location>x</Location><Key>x</Key><ETag>${etag}</ETag>`;
    send(response, 200, `<CompleteMultipartUploadResult>${result}</CompleteMultipartUploadResult>`, XML);
  }
}
