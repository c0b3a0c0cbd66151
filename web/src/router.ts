// Real paths, so that a notification can link to a file and a reload keeps the view.
import { signal } from "@preact/signals";
import type { Status } from "./api/client";

/** The statuses to filter by: removed files are not listed, stored ones are about to be received. */
export type ListedStatus = Exclude<Status, "removed" | "stored">;
export const LISTED_STATUSES: readonly ListedStatus[] = ["received", "processed", "failed"];
/** What lists are filtered by: also by the one result of the malware scan that somebody has to act on. */
export type StatusFilter = ListedStatus | "infected";
export const STATUS_FILTERS: readonly StatusFilter[] = [...LISTED_STATUSES, "infected"];

type Route =
  | { view: "home" }
  | { view: "files"; prefix: string; status: StatusFilter | "" }
  | { view: "file"; id: string }
  | { view: "overview" }
  | { view: "signedIn" }
  | { view: "unknown" };

export function parseRoute(path: string, search = ""): Route {
  const clean = path.replace(/\/+$/, "") || "/";
  if (clean === "/") return { view: "home" };
  if (clean === "/files") {
    const query = new URLSearchParams(search);
    const status = STATUS_FILTERS.find((status) => status === query.get("status")) ?? "";
    return { view: "files", prefix: query.get("prefix") ?? "", status };
  }
  if (clean === "/overview") return { view: "overview" };
  if (clean === "/signed-in") return { view: "signedIn" };
  const file = /^\/files\/([0-9a-f]{32})$/.exec(clean);
  if (file?.[1]) return { view: "file", id: file[1] };
  return { view: "unknown" };
}

export function filesPath(prefix = "", status: StatusFilter | "" = ""): string {
  const query = [
    ...(prefix ? [`prefix=${encodeURIComponent(prefix)}`] : []),
    ...(status ? [`status=${status}`] : []),
  ].join("&");
  return query ? `/files?${query}` : "/files";
}
export const filePath = (id: string): string => `/files/${id}`;

/** The path to return to after signing in. Only a path of this page; anything else leads to the files. */
export function safeReturn(target: unknown): string {
  if (typeof target !== "string" || !/^\/(?![/\\])/.test(target)) return "/files";
  const parsed = new URL(target, "https://page.invalid");
  if (parsed.origin !== "https://page.invalid" || parsed.pathname === "/signed-in") return "/files";
  return parsed.pathname + parsed.search;
}

/** Where a person was in a list, kept in the history entry of that list. */
interface Place {
  scroll: number;
  /** How many files were loaded. */
  loaded: number;
  /** The link that was followed, and its distance from the top of the window. */
  anchor?: { path: string; top: number };
}

interface Entry {
  place?: Place;
  /** This entry was opened from a list, which is the one before it. */
  fromList?: boolean;
}

const here = (): Route => parseRoute(location.pathname, location.search);

export const route = signal<Route>({ view: "home" });
/** How many files the list on the screen has loaded; zero without a list. */
export const listLength = signal(0);
/** The place to restore once the list has loaded. */
export const returnTo = signal<Place | undefined>(undefined);
/** The list that was shown last. */
let lastList = "/files";

function show(next: Route, place?: Place): void {
  const before = route.value;
  returnTo.value = next.view === "files" ? place : undefined;
  route.value = next;
  if (next.view === "files" || next.view === "home") lastList = location.pathname + location.search;
  // The view is drawn a frame later; only then can it be scrolled.
  if (!returnTo.value && (before.view !== next.view || (before.view === "file" && next.view === "file"))) {
    requestAnimationFrame(() => requestAnimationFrame(() => window.scrollTo(0, 0)));
  }
}

/** The link to a path in the view, if it is there. */
const linkTo = (path: string): HTMLElement | null => document.querySelector(`main a[href=${JSON.stringify(path)}]`);

/** Gives the focus to a link of the list once it is drawn: what was pressed is gone. */
export function focusLink(path: string): void {
  requestAnimationFrame(() => linkTo(path)?.focus({ preventScroll: true }));
}

/** Remembers the place in the current history entry. */
function rememberPlace(followed?: string): void {
  if (listLength.value === 0) return;
  const link = followed === undefined ? null : linkTo(followed);
  const place: Place = {
    scroll: window.scrollY,
    loaded: listLength.value,
    ...(followed !== undefined && link && { anchor: { path: followed, top: link.getBoundingClientRect().top } }),
  };
  history.replaceState({ ...(history.state as Entry | null), place } satisfies Entry, "");
}

/** Scrolls to the place: the followed link is where it was, whatever arrived above it, and has the focus. */
export function restorePlace({ scroll, anchor }: Place): void {
  const link = anchor && linkTo(anchor.path);
  if (anchor && link) {
    window.scrollBy(0, link.getBoundingClientRect().top - anchor.top);
    link.focus({ preventScroll: true });
  } else {
    window.scrollTo(0, scroll);
  }
}

export function go(path: string, how: "push" | "replace" = "push"): void {
  if (how === "push") {
    rememberPlace(path);
    history.pushState({ fromList: listLength.value > 0 } satisfies Entry, "", path);
  } else {
    history.replaceState(history.state, "", path);
  }
  show(here());
}

/** To the list that was shown last, at the place where it was left if that is one step back. */
export function backToList(): void {
  if ((history.state as Entry | null)?.fromList) history.back();
  else go(lastList);
}

/** Links stay ordinary links; a plain click on one of ours is followed without a reload. */
function followLink(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element | null)?.closest?.("a");
  if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
  if (link.hash && link.pathname === location.pathname) return;
  event.preventDefault();
  if (link.dataset.back === undefined) go(link.pathname + link.search);
  else backToList();
}

export function startRouter(): void {
  history.scrollRestoration = "manual";
  document.addEventListener("click", followLink);
  window.addEventListener("popstate", (event) => show(here(), (event.state as Entry | null)?.place));
  // For a reload, and for returning from another site.
  window.addEventListener("pagehide", () => rememberPlace());
  show(here(), (history.state as Entry | null)?.place);
}
