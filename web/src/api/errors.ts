/** A refusal or failure, with a message for people. Status 0: no response. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
  }

  /** No response: the network or the service is unavailable. */
  get unreachable(): boolean {
    return this.status === 0;
  }
}

/** The message where the response has none. */
function sentence(status: number): string {
  if (status === 401) return "Your session has ended. Sign in again.";
  if (status === 403) return "You are signed in, but not allowed to do this.";
  if (status === 404) return "This does not exist, or no longer.";
  if (status === 413) return "That is more than the service takes at once.";
  if (status === 429) return "Too many requests at the moment. Wait a little, then try again.";
  if (status === 502 || status === 503 || status === 504) return "The service did not answer in time. Try again.";
  if (status >= 500) return "The service failed. Try again; if it keeps failing, report it to the operator.";
  return `The request was refused (${status}).`;
}

/** Reads the API's error body; anything else (a proxy's page, an empty body) gets a message by status. */
export function errorFrom(status: number, body: unknown): ApiError {
  const error = (body as { error?: { code?: unknown; message?: unknown } } | null)?.error;
  const code = typeof error?.code === "string" ? error.code : `http_${status}`;
  const message = typeof error?.message === "string" && error.message ? error.message : sentence(status);
  return new ApiError(status, code, message);
}

export const unreachable = (): ApiError =>
  new ApiError(0, "unreachable", "The service cannot be reached. Check the connection, then try again.");

/** The request is wrong, or this person or file is refused: the same request is refused again. */
const FINAL: readonly number[] = [400, 403, 404, 409, 410, 413, 415];

/** Whether the same request may succeed later: not after a refusal, which is not offered again. */
export const canRetry = (thrown: unknown): boolean => !(thrown instanceof ApiError && FINAL.includes(thrown.status));

/** The message for people of any thrown value. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error && thrown.message ? thrown.message : "Something went wrong. Try again.";

export const isAbort = (thrown: unknown): boolean => thrown instanceof DOMException && thrown.name === "AbortError";
