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

/** For the person: their groups, and what these let them do. */
export function rightsInWords(person: Me | undefined): string | undefined {
  if (!person) return undefined;
  const groups = person.groups.length > 0 ? `In ${person.groups.join(", ")}` : "In no group";
  const acts = person.can.length > 0 ? person.can.join(", ") : "nothing";
  return `${groups}. May ${acts}${person.folders && person.folders.length > 0 ? `, in ${person.folders.join(", ")}` : ""}.`;
}

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
