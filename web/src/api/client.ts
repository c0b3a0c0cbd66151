// The API's client, typed by its contract. Every call carries the access token; a 401 asks the session for a newer one
// once, and otherwise ends it.
import type { components, operations } from "./contract";
import { ApiError, errorFrom, unreachable } from "./errors";

type Schemas = components["schemas"];
export type File = Schemas["File"];
export type FileDetails = Schemas["FileDetails"];
export type FilePage = Schemas["FilePage"];
export type Status = Schemas["Status"];
export type Scan = Schemas["Scan"];
export type Stats = Schemas["Stats"];
export type Day = Schemas["Day"];
export type Expected = Schemas["Expected"];
export type Me = Schemas["Me"];
type Upload = Schemas["Upload"];
export type UploadRequest = Schemas["UploadRequest"];
type MultipartUpload = Schemas["MultipartUpload"];
export type MultipartLinks = Schemas["MultipartLinks"];
export type Download = Schemas["Download"];
export type Preview = Schemas["Preview"];
type ListQuery = NonNullable<operations["listFiles"]["parameters"]["query"]>;

export interface Tokens {
  /** A valid token, or undefined when nobody is signed in. */
  current(): Promise<string | undefined>;
  /** The API refused this token: returns a newer one, or undefined when none is available. */
  replace(refused: string): Promise<string | undefined>;
  /** The session is over: the person must sign in again. */
  ended(): void;
}

const TIMEOUT_MS = 20_000;
const ME = "/me";

interface Call {
  method?: "GET" | "POST" | "DELETE";
  body?: unknown;
  signal?: AbortSignal | undefined;
}

export class Api {
  /** Called when the API refuses what the page offered: rights may have changed. */
  onForbidden: (() => void) | undefined;
  readonly #base: string;
  readonly #tokens: Tokens;

  constructor(base: string, tokens: Tokens) {
    this.#base = base;
    this.#tokens = tokens;
  }

  getMe(signal?: AbortSignal): Promise<Me> {
    return this.#call(ME, { signal });
  }

  listFiles(query: ListQuery, signal?: AbortSignal): Promise<FilePage> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
    return this.#call(`/files?${search}`, { signal });
  }

  getFile(id: string, signal?: AbortSignal): Promise<FileDetails> {
    return this.#call(`/files/${encodeURIComponent(id)}`, { signal });
  }

  downloadFile(id: string): Promise<Download> {
    return this.#call(`/files/${encodeURIComponent(id)}/download`);
  }

  previewFile(id: string): Promise<Preview> {
    return this.#call(`/files/${encodeURIComponent(id)}/preview`);
  }

  async deleteFile(id: string): Promise<void> {
    await this.#call(`/files/${encodeURIComponent(id)}`, { method: "DELETE" });
  }

  async reprocessFile(id: string): Promise<void> {
    await this.#call(`/files/${encodeURIComponent(id)}/reprocess`, { method: "POST" });
  }

  createUpload(request: UploadRequest, signal?: AbortSignal): Promise<Upload> {
    return this.#call("/uploads", { method: "POST", body: request, signal });
  }

  createMultipartUpload(request: UploadRequest): Promise<MultipartUpload> {
    return this.#call("/multipart-uploads", { method: "POST", body: request });
  }

  signMultipartUpload(request: Schemas["MultipartLinksRequest"]): Promise<MultipartLinks> {
    return this.#call("/multipart-uploads/links", { method: "POST", body: request });
  }

  readStats(signal?: AbortSignal): Promise<Stats> {
    return this.#call("/stats", { signal });
  }

  async #call<Answer>(path: string, call: Call = {}): Promise<Answer> {
    let token = await this.#tokens.current();
    if (!token) {
      this.#tokens.ended();
      throw errorFrom(401, null);
    }
    let response = await this.#send(path, call, token);
    if (response.status === 401) {
      token = await this.#tokens.replace(token);
      if (token) response = await this.#send(path, call, token);
      if (response.status === 401) {
        this.#tokens.ended();
        throw errorFrom(401, null);
      }
    }
    if (response.status === 204) return undefined as Answer;
    const body = await this.#read(response, call.signal);
    if (response.status === 403 && path !== ME) this.onForbidden?.();
    if (!response.ok) throw errorFrom(response.status, body);
    // HTML instead of JSON: the API is not at the address in config.json.
    if (body === null) throw new ApiError(response.status, "not_json", "The service sent an unreadable response.");
    return body as Answer;
  }

  /** The response's body; null if it is not JSON. */
  async #read(response: Response, signal?: AbortSignal): Promise<unknown> {
    const text = await reached(response.text(), signal);
    try {
      return JSON.parse(text);
    } catch {
      return null;
    }
  }

  async #send(path: string, { method = "GET", body, signal }: Call, token: string): Promise<Response> {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const headers: Record<string, string> = { Accept: "application/json", Authorization: `Bearer ${token}` };
    if (method === "POST") headers["Content-Type"] = "application/json";
    const init: RequestInit = {
      method,
      headers,
      // The bearer token is the only credential: no cookies.
      credentials: "omit",
      cache: "no-store",
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    };
    if (body !== undefined) init.body = JSON.stringify(body);
    return reached(fetch(this.#base + path, init), signal);
  }
}

/** Reports a broken connection as unreachable, unless the caller aborted the request. */
async function reached<Found>(coming: Promise<Found>, signal?: AbortSignal): Promise<Found> {
  try {
    return await coming;
  } catch (thrown) {
    if (signal?.aborted) throw thrown;
    throw unreachable();
  }
}
