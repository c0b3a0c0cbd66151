// Real paths, so that a notification can link to a file and a reload stays where it was.
import { signal } from "@preact/signals";

export type Route =
  | { view: "home" }
  | { view: "files"; prefix: string }
  | { view: "file"; id: string }
  | { view: "overview" }
  | { view: "signedIn" }
  | { view: "unknown" };

export function parseRoute(path: string, search = ""): Route {
  const clean = path.replace(/\/+$/, "") || "/";
  if (clean === "/") return { view: "home" };
  if (clean === "/files") return { view: "files", prefix: new URLSearchParams(search).get("prefix") ?? "" };
  if (clean === "/overview") return { view: "overview" };
  if (clean === "/signed-in") return { view: "signedIn" };
  const file = /^\/files\/([0-9a-f]{32})$/.exec(clean);
  if (file?.[1]) return { view: "file", id: file[1] };
  return { view: "unknown" };
}

export const filesPath = (prefix = ""): string => (prefix ? `/files?prefix=${encodeURIComponent(prefix)}` : "/files");
export const filePath = (id: string): string => `/files/${id}`;

/** A place to come back to after signing in. Only ever a path of this page: anything else leads home. */
export function safeReturn(target: unknown): string {
  if (typeof target !== "string" || !/^\/(?![/\\])/.test(target)) return "/files";
  const parsed = new URL(target, "https://page.invalid");
  if (parsed.origin !== "https://page.invalid" || parsed.pathname === "/signed-in") return "/files";
  return parsed.pathname + parsed.search;
}

const here = (): Route => parseRoute(location.pathname, location.search);

export const route = signal<Route>({ view: "home" });

interface Entry {
  scroll?: number;
}

function show(next: Route, scroll: number): void {
  const before = route.value;
  route.value = next;
  // What is shown is drawn a frame later; only then can it be scrolled to.
  if (before.view !== next.view || (before.view === "file" && next.view === "file" && before.id !== next.id)) {
    requestAnimationFrame(() => requestAnimationFrame(() => window.scrollTo(0, scroll)));
  }
}

export function go(path: string, how: "push" | "replace" = "push"): void {
  if (how === "push") {
    history.replaceState({ scroll: window.scrollY } satisfies Entry, "");
    history.pushState({}, "", path);
  } else {
    history.replaceState(history.state, "", path);
  }
  show(here(), 0);
}

/** Links stay ordinary links; a plain click on one of ours is followed without a reload. */
function followLink(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element | null)?.closest?.("a");
  if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
  if (link.hash && link.pathname === location.pathname) return;
  event.preventDefault();
  go(link.pathname + link.search);
}

export function startRouter(): void {
  history.scrollRestoration = "manual";
  document.addEventListener("click", followLink);
  window.addEventListener("popstate", (event) => show(here(), (event.state as Entry | null)?.scroll ?? 0));
  route.value = here();
}
