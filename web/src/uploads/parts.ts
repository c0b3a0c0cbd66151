// Links of uploads in parts, signed by the API in batches and kept as long as they are valid.
import type { Api, MultipartLinks } from "../api/client";

export const PART_BYTES = 52 * 1024 * 1024;

/** A link that is about to expire is renewed first: S3 checks it when the request begins. */
const SPARE_MS = 60_000;

interface Batch {
  links: MultipartLinks;
  expiresAt: number;
}

interface Upload {
  uploadId: string;
  size: number;
}

type Request = "list" | "complete" | "abort" | { part: number };

export class PartLinks {
  readonly #api: Pick<Api, "signMultipartUpload">;
  readonly #now: () => number;
  /** The batch in use, by key. */
  readonly #batches = new Map<string, Batch>();

  constructor(api: Pick<Api, "signMultipartUpload">, now: () => number = Date.now) {
    this.#api = api;
    this.#now = now;
  }

  async urlOf(key: string, upload: Upload, request: Request): Promise<string> {
    const known = this.#batches.get(key);
    if (known && known.expiresAt > this.#now()) {
      const url = find(known.links, request);
      if (url !== undefined) return url;
    }
    const firstPart = typeof request === "object" ? request.part : 1;
    const links = await this.#api.signMultipartUpload({ key, ...upload, firstPart });
    this.#batches.set(key, { links, expiresAt: this.#now() + links.expiresInSeconds * 1000 - SPARE_MS });
    const url = find(links, request);
    if (url === undefined) throw new Error(`The service did not sign part ${firstPart}. Try again.`);
    return url;
  }

  forget(key: string): void {
    this.#batches.delete(key);
  }
}

function find(links: MultipartLinks, request: Request): string | undefined {
  if (request === "list") return links.listUrl;
  if (request === "complete") return links.completeUrl;
  if (request === "abort") return links.abortUrl;
  return links.parts.find((part) => part.partNumber === request.part)?.url;
}
