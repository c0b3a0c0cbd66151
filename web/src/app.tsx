import { useEffect, useRef } from "preact/hooks";
import { toast } from "./announce";
import type { App } from "./app-context";
import { FileView } from "./file/file-view";
import { FilesView } from "./files/files-view";
import { Header } from "./header";
import { online } from "./online";
import { route } from "./router";
import { Landing } from "./session/landing";
import { session } from "./session/session";
import { Icon } from "./ui/icons";
import { lazy } from "./ui/lazy";
import { Spoken } from "./ui/spoken";
import { AllFilesLink, Empty } from "./ui/states";
import { useTitle } from "./ui/title";
import { DropOverlay, UploadPanel } from "./uploads/panel";

/** With the charts. */
const Overview = lazy(async () => (await import("./overview/overview-view")).OverviewView, {
  what: "The overview",
  rows: 6,
  alone: true,
});

export function AppView({ app }: { app: App }) {
  const signedIn = session.value.state === "in";
  return (
    <>
      <a class="skip-link" href="#main">
        Skip to content
      </a>
      <Header app={app} />
      {!online.value && (
        <p class="offline-bar" role="status">
          <Icon name="cloudOff" size={18} /> You are offline. What you see may be out of date until the connection is
          back.
        </p>
      )}
      <Main app={app} />
      {signedIn && <UploadPanel app={app} />}
      {signedIn && <DropOverlay />}
      <Toasts />
    </>
  );
}

function Main({ app }: { app: App }) {
  const main = useRef<HTMLElement>(null);
  const current = route.value;
  const place = current.view === "file" ? `file ${current.id}` : current.view;
  const first = useRef(true);

  // A new view: screen reader and keyboard users start at its beginning, as on a new page.
  useEffect(() => {
    if (first.current) first.current = false;
    else main.current?.focus({ preventScroll: true });
  }, [place]);

  return (
    <main id="main" ref={main} tabIndex={-1}>
      <View app={app} />
    </main>
  );
}

function View({ app }: { app: App }) {
  const current = route.value;
  if (session.value.state === "starting" || current.view === "signedIn") return <SigningIn />;
  if (current.view === "unknown") return <NotFound />;
  if (session.value.state === "out") return <Landing app={app} />;
  if (current.view === "file") return <FileView app={app} id={current.id} key={current.id} />;
  if (current.view === "overview") return <Overview app={app} />;
  const filter = current.view === "files" ? current : { prefix: "", status: "" as const };
  return <FilesView app={app} prefix={filter.prefix} status={filter.status} />;
}

function SigningIn() {
  return (
    <div class="signing-in" role="status">
      <span class="spinner" aria-hidden="true" />
      <p>One moment…</p>
    </div>
  );
}

function NotFound() {
  useTitle("Not found");
  return (
    <Empty alone icon="search" title="There is nothing here" actions={<AllFilesLink />}>
      <p>The address may be mistyped, or the link is not complete.</p>
    </Empty>
  );
}

function Toasts() {
  const current = toast.value;
  return (
    <>
      <div class="toasts" role="status">
        {current && (
          <p class={`toast ${current.tone}`}>
            <Icon name={current.tone === "done" ? "check" : "warning"} size={18} />
            <span>{current.text}</span>
            <button
              type="button"
              class="icon-button small"
              aria-label="Dismiss"
              onClick={() => {
                toast.value = undefined;
              }}
            >
              <Icon name="close" size={16} />
            </button>
          </p>
        )}
      </div>
      <Spoken />
    </>
  );
}
