// What the person who is signed in may do, as the API says. The page offers nothing else; the API refuses it anyway.
import { signal } from "@preact/signals";
import type { Api, File, Me } from "../api/client";
import { poll } from "../polling";

/** Rights change with the access token, which lasts an hour, and with the stack's settings. */
const EVERY_MS = 5 * 60_000;

/** Undefined until the API has said it: until then nothing is offered that takes a right. */
export const me = signal<Me | undefined>(undefined);

/** Whether the person may do this to the file. */
export const may = (act: File["can"][number], file: File): boolean => file.can.includes(act);

/** Keeps `me` up to date until the returned function is called. A refusal is a reason to ask at once. */
export function followRights(api: Api): () => void {
  const polling = poll(async (aborted) => {
    me.value = await api.getMe(aborted);
  }, EVERY_MS);
  api.onForbidden = () => polling.now();
  return () => {
    polling.stop();
    api.onForbidden = undefined;
    me.value = undefined;
  };
}
