// The beginning of a text file, as text.
import type { Preview } from "../api/client";
import { unreachable } from "../api/errors";

const TIMEOUT_MS = 20_000;

/** The bytes that a text's link is valid for. */
export async function readHead({ url, range }: Preview): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(url, {
      headers: range === undefined ? {} : { Range: range },
      credentials: "omit",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    throw unreachable();
  }
  if (!response.ok) throw new Error(`The bucket refused the preview (${response.status}). Try again.`);
  return new Uint8Array(await response.arrayBuffer());
}

/** As UTF-16 if it begins with its mark, as UTF-8 if that is possible, and otherwise as Windows-1252, which always is. */
export function decodeHead(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes, { stream: true });
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes, { stream: true });
  try {
    // A stream: its last character may be cut in two.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}
