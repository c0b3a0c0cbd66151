import { useState } from "preact/hooks";
import type { App } from "./app-context";
import { route } from "./router";
import { me, rightsInWords } from "./session/rights";
import { session } from "./session/session";
import { type Theme, theme } from "./theme";
import { Modal } from "./ui/dialog";
import { Icon, type IconName } from "./ui/icons";
import { FileName, Untrusted } from "./ui/name";
import { active } from "./uploads/uploads";

export function Header({ app }: { app: App }) {
  const view = route.value.view;
  const current = session.value;
  const onFiles = view === "files" || view === "file" || view === "home";
  return (
    <header class={`top${current.state === "in" ? " signed-in" : ""}`}>
      <div class="top-inner">
        <a class="brand" href="/">
          <span class="brand-mark">
            <Icon name="logo" size={18} />
          </span>
          <span class="brand-name">File Notifications</span>
        </a>
        {current.state === "in" && (
          <nav aria-label="Views">
            <a href="/files" aria-current={onFiles ? "page" : undefined}>
              Files
            </a>
            <a href="/overview" aria-current={view === "overview" ? "page" : undefined}>
              Overview
            </a>
          </nav>
        )}
        <div class="top-end">
          <ThemeButton />
          {current.state === "in" && (
            <>
              <Account name={current.name} />
              <SignOutButton app={app} />
            </>
          )}
        </div>
      </div>
    </header>
  );
}

/** Asks first while uploads are running, which end with the session. */
function SignOutButton({ app }: { app: App }) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <button
        type="button"
        class="icon-button"
        aria-label="Sign out"
        title="Sign out"
        onClick={() => (active.value.length > 0 ? setAsking(true) : app.signIn.leave())}
      >
        <Icon name="signOut" />
      </button>
      {asking && (
        <Modal
          title="Cancel the uploads and sign out?"
          onCancel={() => setAsking(false)}
          actions={
            <>
              <button type="button" class="button" onClick={() => setAsking(false)}>
                Stay
              </button>
              <button
                type="button"
                class="button danger"
                onClick={() => {
                  app.uploads.stop();
                  void app.signIn.leave();
                }}
              >
                Sign out
              </button>
            </>
          }
        >
          <p>What is not uploaded yet has to be uploaded again from its beginning.</p>
        </Modal>
      )}
    </>
  );
}

/** Who is signed in, and on a press what they may do: why a button is missing. */
function Account({ name }: { name: string }) {
  return (
    <>
      <button type="button" class="who" popovertarget="account">
        <Icon name="person" />
        <span class="visually-hidden">Signed in as </span>
        <FileName name={name} />
      </button>
      <div id="account" class="account" popover="auto">
        <p class="account-name">
          <Untrusted text={name} />
        </p>
        <p>
          <Untrusted text={rightsInWords(me.value) ?? "What you may do is not known yet."} />
        </p>
      </div>
    </>
  );
}

const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const ICONS: Record<Theme, IconName> = { system: "system", light: "sun", dark: "moon" };
const NAMES: Record<Theme, string> = { system: "as the system", light: "light", dark: "dark" };

function ThemeButton() {
  const now = theme.value;
  const label = `Theme: ${NAMES[now]}. Change to ${NAMES[NEXT[now]]}`;
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={label}
      title={label}
      onClick={() => {
        theme.value = NEXT[now];
      }}
    >
      <Icon name={ICONS[now]} />
    </button>
  );
}
