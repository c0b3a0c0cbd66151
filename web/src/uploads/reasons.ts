// Why an upload failed, in messages a person can act on.
import { ApiError } from "../api/errors";
import { formatBytes } from "../text/format";

/** By S3's error code. */
const BUCKET_REASONS: Record<string, string> = {
  EntityTooLarge: "The file is larger than announced. It may have changed since. Try again.",
  EntityTooSmall: "The file is smaller than announced. It may have changed since. Try again.",
  AccessDenied:
    "The bucket refused the file: its type differs from the announced one, or the permission expired. Try again.",
  NoSuchUpload: "The upload was interrupted for too long, and its parts are gone. Try again from the beginning.",
  SlowDown: "The bucket is busy. Try again in a moment.",
  RequestTimeout: "The connection was too slow. Try again.",
  NETWORK: "The connection was lost. Try again when it is back.",
};

export function reasonOf(thrown: unknown): string {
  if (thrown instanceof ApiError) return thrown.message;
  const error = thrown as { code?: unknown; status?: unknown; name?: unknown } | undefined;
  if (typeof error?.code === "string" && BUCKET_REASONS[error.code]) return BUCKET_REASONS[error.code] as string;
  // Reading fails where the file was moved, deleted or locked after it was chosen.
  if (error?.name === "NotReadableError" || error?.name === "NotFoundError") return "The file can no longer be read.";
  if (typeof error?.status === "number") return `The bucket refused the file (${error.status}). Try again.`;
  return "The upload did not work. Try again.";
}

export const tooLarge = (size: number, maxMegabytes: number): string =>
  `This file has ${formatBytes(size)}; at most ${formatBytes(maxMegabytes * 1024 * 1024)} can be uploaded here.`;
