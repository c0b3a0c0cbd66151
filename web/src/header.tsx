import type { App } from "./app-context";
import { route } from "./router";
import { me, rightsInWords } from "./session/rights";
import { session } from "./session/session";
import { type Theme, theme } from "./theme";
import { Icon, type IconName } from "./ui/icons";
import { FileName } from "./ui/name";

export function Header({ app }: { app: App }) {
  const view = route.value.view;
  const current = session.value;
  const onFiles = view === "files" || view === "file" || view === "home";
  return (
    <header class="top">
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
              <span class="who" title={rightsInWords(me.value)}>
                <span class="visually-hidden">Signed in as </span>
                <FileName name={current.name} />
              </span>
              <button
                type="button"
                class="icon-button"
                aria-label="Sign out"
                title="Sign out"
                onClick={() => app.signIn.leave()}
              >
                <Icon name="signOut" />
              </button>
            </>
          )}
        </div>
      </div>
    </header>
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
