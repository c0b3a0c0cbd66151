// A bucket that takes presigned POST forms and gives presigned downloads, with the refusals of the real one.
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Files, inspected } from "./files.ts";
import { CORS, readBody, refusal, send } from "./http.ts";
import { Parts } from "./parts.ts";

interface Shown {
  contentType: string;
  /** The Range header that the link is valid with. */
  range: string | undefined;
}

interface Permission {
  key: string;
  size: number;
  type: string;
  by: string;
}

export class Bucket {
  /** How long an uploaded file waits to be inspected. */
  inspectionMs = 1_500;
  /** The next uploads are refused with these codes; a status of 0 drops the connection. */
  readonly refuse: { status: number; code: string }[] = [];
  readonly parts: Parts;
  readonly #files: Files;
  readonly #permissions = new Map<string, Permission>();
  readonly #links = new Map<string, { id: string; shown: Shown | undefined }>();

  constructor(files: Files) {
    this.#files = files;
    this.parts = new Parts((upload, bytes) => this.#store(upload.key, upload.type, upload.by, bytes));
  }

  permit(permission: Permission): Record<string, string> {
    const policy = randomBytes(16).toString("hex");
    this.#permissions.set(policy, permission);
    return { key: permission.key, "Content-Type": permission.type, policy, "x-amz-signature": "mock" };
  }

  /** A link that saves the file, or shows it as given. */
  link(id: string, shown?: Shown): string {
    const token = randomBytes(12).toString("hex");
    this.#links.set(token, { id, shown });
    return `/bucket/download/${token}`;
  }

  async handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> {
    if (url.pathname.startsWith("/bucket/download/")) {
      if (request.method === "OPTIONS") send(response, 200, "", { ...CORS, "Access-Control-Allow-Headers": "*" });
      else this.#download(request, response, url.pathname.slice("/bucket/download/".length));
      return true;
    }
    if (await this.parts.handle(request, response, url)) return true;
    if (url.pathname !== "/bucket/") return false;
    if (request.method === "OPTIONS") {
      send(response, 200, "", { ...CORS, "Access-Control-Allow-Methods": "POST", "Access-Control-Allow-Headers": "*" });
      return true;
    }
    await this.#receive(request, response);
    return true;
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const planned = this.refuse[0];
    if (planned) {
      this.refuse.shift();
      if (planned.status === 0) {
        request.destroy();
        return;
      }
      await readBody(request);
      return send(response, planned.status, refusal(planned.code), { ...CORS, "Content-Type": "application/xml" });
    }
    const body = await readBody(request);
    const form = await new Response(new Uint8Array(body), {
      headers: { "Content-Type": request.headers["content-type"] ?? "" },
    }).formData();
    const permission = this.#permissions.get(String(form.get("policy")));
    const file = form.get("file");
    const refuse = (status: number, code: string) =>
      send(response, status, refusal(code), { ...CORS, "Content-Type": "application/xml" });
    if (!permission || typeof file === "string" || file === null) return refuse(403, "AccessDenied");
    if (form.get("key") !== permission.key || form.get("Content-Type") !== permission.type)
      return refuse(403, "AccessDenied");
    if (file.size > permission.size) return refuse(400, "EntityTooLarge");
    const bytes = Buffer.from(await file.arrayBuffer());
    const etag = this.#store(permission.key, permission.type, permission.by, bytes);
    send(response, 204, undefined, { ...CORS, ETag: etag });
  }

  #store(key: string, type: string, by: string, bytes: Buffer): string {
    const item = this.#files.add(key, bytes.length, type, { by, bytes });
    setTimeout(() => {
      inspected(item, [["Length", `${bytes.length}`]]);
      item.notified = { how: "immediate" };
    }, this.inspectionMs).unref();
    return `"${item.etag}"`;
  }

  #download(request: IncomingMessage, response: ServerResponse, token: string): void {
    const link = this.#links.get(token);
    const item = this.#files.items.get(link?.id ?? "");
    const refuse = (status: number, code: string) =>
      send(response, status, refusal(code), { ...CORS, "Content-Type": "application/xml" });
    if (!item || item.status === "removed") return refuse(404, "NoSuchKey");
    const bytes = item.bytes ?? Buffer.from(`mock content of ${item.key}`);
    if (!link?.shown) {
      return send(response, 200, bytes, {
        "Content-Type": item.contentType ?? "application/octet-stream",
        "Content-Disposition": `attachment; filename*=UTF-8''${encodeURIComponent(item.name)}`,
      });
    }
    const { contentType, range } = link.shown;
    if (request.headers.range !== range) return refuse(403, "SignatureDoesNotMatch");
    const headers = { ...CORS, "Content-Type": contentType, "Content-Disposition": "inline" };
    if (range) send(response, 206, bytes.subarray(0, 65_536), headers);
    else send(response, 200, bytes, headers);
  }
}
