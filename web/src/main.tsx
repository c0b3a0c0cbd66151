import { effect } from "@preact/signals";
import { render } from "preact";
import { Api } from "./api/client";
import { messageOf } from "./api/errors";
import { AppView } from "./app";
import { loadConfig } from "./config";
import { forgetLists } from "./files/files-view";
import { go, route, startRouter } from "./router";
import { followRights } from "./session/rights";
import { SignIn, session } from "./session/session";
import "./styles/index.css";
import { startTheme } from "./theme";
import { Empty } from "./ui/states";
import { Uploads } from "./uploads/uploads";

async function start(root: HTMLElement): Promise<void> {
  startTheme();
  startRouter();
  const config = await loadConfig();
  const signIn = new SignIn(config.signIn);
  const api = new Api(config.apiUrl, signIn);
  const uploads = new Uploads(api, config.maxUploadMegabytes);
  render(<AppView app={{ config, api, signIn, uploads }} />, root);

  if (route.value.view === "signedIn") {
    // The address holds the code: replaced at once, so that neither history nor a copied link has it.
    go(await signIn.finish(), "replace");
  } else {
    await signIn.resume();
  }
  effect(() => (session.value.state === "in" ? followRights(api) : undefined));
  effect(() => {
    // The next person in this tab starts with nothing of the last one's.
    if (session.value.state === "out") forgetLists();
    uploads.accept(session.value.state === "in" ? session.value.name : undefined);
    if (session.value.state === "out" && session.value.why === "left") uploads.forget();
    if (session.value.state === "in" && route.value.view === "home") go("/files", "replace");
  });
}

const root = document.getElementById("app");
if (root) {
  start(root).catch((thrown: unknown) => {
    render(
      <main class="broken">
        <Empty alone icon="warning" tone="bad" title="This page cannot start">
          <p role="alert">{messageOf(thrown)}</p>
          <p>Reload the page. If it keeps failing, report this to the operator.</p>
        </Empty>
      </main>,
      root,
    );
  });
}
