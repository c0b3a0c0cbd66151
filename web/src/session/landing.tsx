import { useState } from "preact/hooks";
import { messageOf } from "../api/errors";
import type { App } from "../app-context";
import { route } from "../router";
import { Icon } from "../ui/icons";
import { useTitle } from "../ui/title";
import { type Session, session } from "./session";

type Out = Extract<Session, { state: "out" }>;

/** Heading and text by the reason for being signed out. */
function words(out: Out, view: string): { title: string; text: string } {
  if (out.why === "expired") {
    return { title: "Your session has ended", text: "Sign in again to continue where you were." };
  }
  if (out.why === "failed") {
    return { title: "Signing in did not work", text: "Nothing is lost. Try again." };
  }
  if (view === "file")
    return { title: "Sign in to see this file", text: "The link works as soon as you are signed in." };
  if (out.why === "left") return { title: "You are signed out", text: "See you soon." };
  return {
    title: "Know the moment a file arrives",
    text: "See which files arrived, who was notified, and what the inspection found. Upload, search, preview and download in one place.",
  };
}

export function Landing({ app }: { app: App }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const out = session.value.state === "out" ? session.value : { state: "out" as const };
  const { title, text } = words(out, route.value.view);
  useTitle(out.why || route.value.view !== "home" ? "Sign in" : "");

  async function signIn(): Promise<void> {
    setBusy(true);
    setError(undefined);
    try {
      await app.signIn.start(location.pathname + location.search);
    } catch (thrown) {
      setError(messageOf(thrown));
      setBusy(false);
    }
  }

  return (
    <div class="landing">
      <div class="landing-words">
        <h1>{title}</h1>
        <p>{text}</p>
        <button type="button" class="button primary large" onClick={signIn} disabled={busy}>
          {busy ? "One moment…" : "Sign in"}
        </button>
        {(error ?? (out.why === "failed" && out.detail)) && (
          <p class="landing-detail" role="alert">
            {error ?? out.detail}
          </p>
        )}
      </div>
      <Illustration />
    </div>
  );
}

/** An illustration of the product: files, and the mail about them. */
function Illustration() {
  return (
    <div class="still" aria-hidden="true">
      <div class="still-card back-card">
        <span class="file-icon kind-image">
          <Icon name="image" />
        </span>
        <span class="still-lines">
          <b>harbour-at-dusk.jpg</b>
          <i>photos · 4.8 MB</i>
        </span>
        <span class="badge received">Received</span>
      </div>
      <div class="still-card">
        <span class="file-icon kind-document">
          <Icon name="document" />
        </span>
        <span class="still-lines">
          <b>invoice-0423.pdf</b>
          <i>invoices/2026 · 182 KB</i>
        </span>
        <span class="badge processed">Processed</span>
      </div>
      <div class="still-mail">
        <span class="file-icon">
          <Icon name="mail" />
        </span>
        <span class="still-lines">
          <b>invoice-0423.pdf arrived in invoices/2026</b>
          <i>You get this because rule “invoices” matches.</i>
        </span>
      </div>
    </div>
  );
}
