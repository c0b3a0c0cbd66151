// The built page, served under the deployed policy, with the mock behind it, in a real browser.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { type PreviewServer, preview } from "vite";
import { Mock } from "../../dev/mock.ts";
import { mockBackend } from "../../dev/vite-mock.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** Why these tests cannot run here; undefined when they can. */
export const missing: string | undefined = !existsSync(CHROMIUM)
  ? `no Chromium at ${CHROMIUM} (install it, or set CHROMIUM)`
  : !existsSync(`${root}/dist/index.html`)
    ? "no built page (npm run build)"
    : undefined;

if (missing) process.stderr.write(`Browser tests are skipped: ${missing}\n`);

export class Stage {
  readonly mock = new Mock();
  readonly base: string;
  readonly #browser: Browser;
  readonly #server: PreviewServer;
  #session: string | undefined;

  private constructor(mock: Mock, server: PreviewServer, browser: Browser) {
    this.mock = mock;
    this.#server = server;
    this.#browser = browser;
    this.base = (server.resolvedUrls?.local[0] ?? "").replace(/\/$/, "");
  }

  static async open(): Promise<Stage> {
    const mock = new Mock();
    mock.bucket.inspectionMs = 600;
    await mock.start();
    const server = await preview({
      root,
      configFile: false,
      logLevel: "silent",
      plugins: [mockBackend(mock)],
      preview: { port: 0, host: "localhost" },
    });
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        "--no-sandbox",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--disable-quic",
      ],
    });
    return new Stage(mock, server, browser);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#server.close();
    await this.mock.stop();
  }

  context(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    return this.#browser.newContext({
      baseURL: this.base,
      viewport: { width: 1280, height: 860 },
      locale: "en-GB",
      timezoneId: "Europe/Berlin",
      ...options,
    });
  }

  /** A tab, with the errors of its console and content security policy. */
  async tab(options: BrowserContextOptions = {}): Promise<Tab> {
    const context = await this.context(options);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("pageerror", (thrown) => complaints.push(String(thrown)));
    page.on("dialog", (dialog) => {
      // The browser asks before it leaves a page with running uploads.
      if (dialog.type() === "beforeunload") return void dialog.accept();
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    const elsewhere: string[] = [];
    page.on("request", (request) => {
      const origin = new URL(request.url()).origin;
      if (origin !== this.base && origin !== this.mock.origin) elsewhere.push(request.url());
    });
    return { page, context, complaints, elsewhere };
  }

  /** A tab that is signed in already: with what an earlier tab was given at the sign-in page. */
  async enter(tab: Tab, path = "/files"): Promise<void> {
    const { page, context } = tab;
    if (!this.#session || !this.mock.signIn.knows(this.#session)) {
      await this.signIn(page);
      this.#session = await page.evaluate(() => JSON.stringify({ ...sessionStorage }));
    }
    await context.addInitScript((session) => {
      if (sessionStorage.length > 0) return;
      for (const [key, value] of Object.entries(JSON.parse(session))) sessionStorage.setItem(key, String(value));
    }, this.#session);
    await page.goto(path);
    await page.getByRole("button", { name: "Sign out" }).waitFor();
  }

  /** Signs in through the sign-in page, from wherever the tab is. */
  async signIn(page: Page, path = "/"): Promise<void> {
    await page.goto(path);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("Mock sign-in").waitFor();
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL((url) => url.origin === this.base && url.pathname !== "/signed-in");
    await page.getByRole("button", { name: "Sign out" }).waitFor();
  }
}

export interface Tab {
  page: Page;
  context: BrowserContext;
  complaints: string[];
  /** Requests to anywhere but the page's origin, the sign-in page and the bucket. */
  elsewhere: string[];
}

/** Violations found by axe, each as one readable line. The policy forbids injected scripts, so it goes in as a tool's. */
export async function axeProblems(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const run = (globalThis as unknown as { axe: typeof axe }).axe;
    return (await run.run(document, { resultTypes: ["violations"] })).violations;
  });
  return found.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")} – ${node.failureSummary ?? rule.help}`),
  );
}

/** How far the page can be scrolled sideways. */
export const sideways = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
