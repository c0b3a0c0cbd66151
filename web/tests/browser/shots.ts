// Pictures of every view in both themes: SHOTS=<folder> npm run shots
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { idOf } from "../../dev/files.ts";
import { missing, Stage } from "./harness.ts";

if (missing) throw new Error(missing);
const folder = process.env.SHOTS ?? "shots";
mkdirSync(folder, { recursive: true });
const stage = await Stage.open();
const HOUR = 3_600_000;
const PHOTO = "photos/harbour-at-dusk.jpg";
const INFECTED = "inbox/invoice\u202Efdp.exe";

const temporary = mkdtempSync(join(tmpdir(), "shots-"));
const RECORDING = join(temporary, "town-hall-recording.mp4");
writeFileSync(RECORDING, "");
truncateSync(RECORDING, 140 * 1024 * 1024);

/** The catalogue of a stack that scans uploads. */
function seed(): void {
  const { files } = stage.mock;
  files.items.clear();
  files.seed(Date.now());
  for (const file of files.items.values()) {
    file.scan = { state: file.status === "received" ? "pending" : "clean", refused: file.status === "received" };
  }
  const infected = files.items.get(idOf(INFECTED));
  if (infected) infected.scan = { state: "infected", reason: "Win.Test.EICAR_HDB-1", refused: true };
}

async function shot(page: Page, name: string, fullPage = false): Promise<void> {
  await page.waitForTimeout(350);
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage });
}

async function views(theme: "light" | "dark", size: "wide" | "phone"): Promise<void> {
  const { mock } = stage;
  seed();
  mock.bucket.refuse.length = 0;
  const next = new Date(HOUR * Math.ceil(Date.now() / HOUR + 1));
  mock.api.expected = { today: 4, arrived: 3, missing: 0, next: next.toISOString() };
  const wide = size === "wide";
  const { page, context } = await stage.tab({
    colorScheme: theme,
    viewport: wide ? { width: 1280, height: 860 } : { width: 360, height: 740 },
    deviceScaleFactor: wide ? 1 : 2,
  });
  const name = (view: string) => `${view}-${theme}${wide ? "" : "-phone"}`;

  await page.goto("/");
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  await shot(page, name("signed-out"));
  await page.goto(`/files/${idOf(PHOTO)}`);
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  await shot(page, name("signed-out-link"));

  await stage.signIn(page);
  await page.getByRole("table").waitFor();
  await shot(page, name("files"));

  for (const file of ["harbour-at-dusk.jpg", "revenue-by-region.xlsx", "catalogue.tar.gz"]) {
    await page.getByRole("checkbox", { name: `Select ${file}` }).check();
  }
  await shot(page, name("files-selected"));
  await page.getByRole("button", { name: "Delete" }).click();
  await shot(page, name("bulk-delete"));
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Download links" }).click();
  await page.getByRole("button", { name: "Copy all links" }).waitFor();
  await shot(page, name("bulk-links"));
  await page.getByRole("button", { name: "Close" }).click();
  await page.getByRole("checkbox", { name: "Select all files shown" }).check();
  mock.api.fail("reprocessFile", 500, "internal", "The queue did not answer.", 3);
  mock.api.delay = 120;
  await page.getByRole("button", { name: "Reprocess" }).click();
  await page.waitForTimeout(300);
  await shot(page, name("bulk-running"));
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("button", { name: "Close" }).waitFor();
  mock.api.delay = 0;
  await shot(page, name("bulk-finished"));
  await page.getByRole("button", { name: "Close" }).click();
  seed();
  await page.goto("/files?status=processed");
  await page.getByText("Further files may match").waitFor();
  await shot(page, name("files-filtered"));
  await page.goto("/files");
  await page.getByRole("table").waitFor();

  await page.getByRole("searchbox").fill("invoices/2026/invoice-04");
  await page.getByText("In order of their paths").waitFor();
  await page.waitForTimeout(600);
  await shot(page, name("search"));
  await page.getByRole("searchbox").fill("nothing like this");
  await page.getByText("No file starts like that").waitFor();
  await shot(page, name("search-empty"));

  await page.goto(`/files/${idOf(PHOTO)}`);
  await page.getByText("SHA-256").waitFor();
  await page.getByRole("img", { name: "Content of" }).waitFor();
  await shot(page, name("file"), true);
  await page.goto(`/files/${idOf("exports/customers-2026-11.csv")}`);
  await page.getByRole("region", { name: "Content" }).waitFor();
  await shot(page, name("file-text"), true);
  await page.goto(`/files/${idOf("invoices/2026/invoice-0421.pdf")}`);
  await page.getByText("Open the PDF").waitFor();
  await shot(page, name("file-pdf"));
  await page.goto(`/files/${idOf(PHOTO)}`);
  await page.getByText("SHA-256").waitFor();
  await page.getByRole("button", { name: "Delete" }).click();
  await shot(page, name("file-delete"));
  await page.getByRole("button", { name: "Cancel" }).click();
  const failed = mock.files.newest().find((file) => file.status === "failed");
  await page.goto(`/files/${failed?.id}`);
  await page.getByText("This file is broken").waitFor();
  await shot(page, name("file-failed"));
  await page.goto(`/files/${idOf(INFECTED)}`);
  await page.getByText("This file is infected").waitFor();
  await shot(page, name("file-infected"));
  await page.goto(`/files/${"0".repeat(32)}`);
  await page.getByText("This file is unknown").waitFor();
  await shot(page, name("file-missing"));

  await page.goto("/overview");
  await page.getByText("Files per day").first().waitFor();
  await page.waitForTimeout(300);
  await shot(page, name("overview"), true);
  await page.getByText("Show as table").first().click();
  await shot(page, name("overview-table"));

  await page.goto("/files");
  await page.getByRole("table").waitFor();
  mock.bucket.refuse.push({ status: 403, code: "AccessDenied" });
  await page.getByRole("button", { name: "Upload" }).click();
  await shot(page, name("upload-open"));
  const { parts } = mock.bucket;
  parts.received.length = 0;
  parts.most = 1;
  await page.locator("input[type=file]").setInputFiles(RECORDING);
  while (parts.received.length === 0) await page.waitForTimeout(50);
  await page.getByRole("button", { name: /^Pause upload/ }).click();
  await page.getByText(/^Paused at/).waitFor();
  parts.most = Number.POSITIVE_INFINITY;
  // The part that was on its way.
  await page.waitForTimeout(1_000);
  parts.open.clear();
  await page
    .locator("input[type=file]")
    .setInputFiles({ name: "refused.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(900) });
  await page.getByText("The bucket refused").waitFor();
  // Nobody waits for the end of these; they must not arrive in the pictures that follow.
  mock.bucket.refuse.push({ status: 403, code: "AccessDenied" }, { status: 403, code: "AccessDenied" });
  const devtools = await context.newCDPSession(page);
  await devtools.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: 700_000,
  });
  await page.locator("input[type=file]").setInputFiles([
    { name: "<img src=x onerror=alert(1)>.png", mimeType: "image/png", buffer: Buffer.alloc(3_000_000) },
    {
      name: "a-very-long-name-that-somebody-gave-to-an-otherwise-ordinary-holiday-video-2026.mp4",
      mimeType: "video/mp4",
      buffer: Buffer.alloc(8_000_000),
    },
  ]);
  await page.getByText("Uploading 3 files").waitFor();
  await page.waitForTimeout(3_500);
  await shot(page, name("uploading"));
  await context.close();

  await empty(theme, wide, name);
}

async function empty(theme: "light" | "dark", wide: boolean, name: (view: string) => string): Promise<void> {
  const { mock } = stage;
  mock.files.items.clear();
  mock.api.expected = undefined;
  const { page, context } = await stage.tab({
    colorScheme: theme,
    viewport: wide ? { width: 1280, height: 860 } : { width: 360, height: 740 },
    deviceScaleFactor: wide ? 1 : 2,
  });
  await stage.signIn(page);
  await page.getByText("No files yet").waitFor();
  await shot(page, name("files-empty"));
  mock.api.delay = 4_000;
  await page.reload();
  await page.getByRole("status", { name: "Loading the files" }).waitFor();
  await shot(page, name("files-loading"));
  mock.api.delay = 0;
  mock.api.fail("listFiles", 500, "internal", "The catalogue did not answer. It has been reported.", 20);
  await page.reload();
  await page.getByText("could not be loaded").waitFor();
  await shot(page, name("files-error"));
  mock.api.faults.length = 0;
  await page.goto("/files");
  await page.getByText("No files yet").waitFor();
  mock.files.seed(Date.now());
  await page.getByRole("table").waitFor();
  await context.setOffline(true);
  await page.getByText("You are offline").waitFor();
  await shot(page, name("offline"));
  await context.setOffline(false);
  mock.signIn.refreshing = false;
  mock.signIn.expireAll();
  await page.getByText("Your session has ended").waitFor({ timeout: 20_000 });
  await shot(page, name("expired"));
  mock.signIn.refreshing = true;
  await context.close();
}

try {
  for (const theme of ["light", "dark"] as const)
    for (const size of ["wide", "phone"] as const) await views(theme, size);
} finally {
  rmSync(temporary, { recursive: true });
  await stage.close();
}
