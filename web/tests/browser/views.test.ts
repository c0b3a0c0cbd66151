// Every view, in both themes, wide in one and as on a phone in the other: axe reports no violation, nothing scrolls sideways, the policy holds.
import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { idOf } from "../../dev/files.ts";
import { axeProblems, missing, Stage, sideways } from "./harness.ts";

const LONG =
  "contracts/2026/master-services-agreement-between-the-northern-harbour-authority-and-its-suppliers-signed-final-v7-with-annexes-a-to-f.docx";
const PHONE = { width: 360, height: 740 };

describe.skipIf(missing)(`views${missing ? ` (skipped: ${missing})` : ""}`, () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open();
  });
  afterAll(() => stage?.close());

  async function sound(page: Page): Promise<void> {
    // Even without motion, colours need a frame to be what they will be.
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    expect(await axeProblems(page)).toEqual([]);
    expect(await sideways(page)).toBe(0);
    // What is wider than its bar is cut off, and does not always scroll.
    for (const bar of await page.locator(".list-bar, .dialog-actions").all()) {
      expect(await bar.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
    }
    for (const dialog of await page.locator("dialog").all()) {
      expect(await dialog.evaluate((element) => element.scrollHeight - element.clientHeight)).toBe(0);
    }
  }

  const kinds: [string, BrowserContextOptions][] = [
    ["light, wide", { colorScheme: "light" }],
    ["dark, phone", { colorScheme: "dark", viewport: PHONE, hasTouch: true }],
  ];

  it.each(kinds)("are sound: %s", { timeout: 300_000 }, async (_, options) => {
    const { mock } = stage;
    mock.files.items.clear();
    const tab = await stage.tab({ reducedMotion: "reduce", ...options });
    const { page, context, complaints, elsewhere } = tab;

    await page.goto("/");
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    await sound(page);

    await stage.enter(tab);
    await page.getByText("No files yet").waitFor();
    await sound(page);

    mock.files.seed(Date.now(), 30);
    await page.reload();
    await page.getByRole("link", { name: "invoice-0423.pdf" }).waitFor();
    await sound(page);

    await page.getByRole("checkbox", { name: "Select invoice-0422.pdf" }).check();
    await page.getByRole("checkbox", { name: "Select readme.txt" }).check();
    await sound(page);
    mock.api.fail("reprocessFile", 500, "internal", "The queue did not answer.");
    for (const action of ["Delete", "Reprocess", "Download links"]) {
      await page.getByRole("button", { name: action }).click();
      await page.getByRole("dialog").waitFor();
      await sound(page);
      await page
        .getByRole("dialog")
        .getByRole("button", { name: "Cancel" })
        .or(page.getByRole("button", { name: "Close" }))
        .click();
      if (action === "Reprocess") await page.getByRole("checkbox", { name: "Select invoice-0423.pdf" }).check();
    }
    await page.getByRole("combobox", { name: "Filter by status" }).selectOption("failed");
    await page.getByText("That is all: 1 of").waitFor();
    await sound(page);
    await page.goto("/files");
    await page.getByRole("link", { name: "invoice-0423.pdf" }).waitFor();

    await page.getByRole("searchbox").fill("nothing like this");
    await page.getByText("No file starts like that").waitFor();
    await sound(page);

    for (const key of [
      "photos/harbour-at-dusk.jpg",
      "readme.txt",
      "invoices/2026/invoice-0421.pdf",
      LONG,
      "inbox/invoice\u202Efdp.exe",
      "logs/app.log",
    ]) {
      await page.goto(`/files/${idOf(key)}`);
      await page.getByText("What happened").waitFor();
      await page.getByRole("status", { name: "Loading the preview" }).waitFor({ state: "detached" });
      await sound(page);
    }
    const failed = mock.files.newest().find((file) => file.status === "failed");
    await page.goto(`/files/${failed?.id}`);
    await page.getByText("This file is broken").waitFor();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").waitFor();
    await sound(page);
    await page.getByRole("button", { name: "Cancel" }).click();

    await page.goto("/overview");
    await page.locator("canvas").first().waitFor();
    for (const summary of await page.getByText("Show as table").all()) await summary.click();
    await sound(page);

    mock.bucket.refuse.push({ status: 403, code: "AccessDenied" });
    await page.goto("/files");
    await page.getByRole("button", { name: "Upload" }).click();
    await sound(page);
    await page.locator("input[type=file]").setInputFiles([
      { name: `${"long-".repeat(40)}.pdf`, mimeType: "application/pdf", buffer: Buffer.from("a") },
      { name: "short.png", mimeType: "image/png", buffer: Buffer.from("b") },
    ]);
    await page.getByRole("heading", { name: "1 uploaded, 1 not" }).waitFor();
    await sound(page);

    mock.api.fail("listFiles", 500, "internal", "The catalogue did not answer.", 3);
    await page.reload();
    await page.getByText("could not be loaded").waitFor();
    await sound(page);
    mock.api.faults.length = 0;

    await page.goto(`/files/${"0".repeat(32)}`);
    await page.getByText("This file is unknown").waitFor();
    await sound(page);

    mock.api.delay = 3_000;
    await page.goto("/files");
    await page.getByRole("status", { name: "Loading the files" }).waitFor();
    await sound(page);
    mock.api.delay = 0;

    await page.getByRole("link", { name: "invoice-0423.pdf" }).waitFor();
    await context.setOffline(true);
    await page.getByText("You are offline").waitFor();
    await sound(page);
    await context.setOffline(false);

    await page.goto("/nowhere");
    await page.getByText("There is nothing here").waitFor();
    await sound(page);

    await context.close();
    expect(complaints.filter((text) => !text.startsWith("Failed to load resource"))).toEqual([]);
    expect(elsewhere).toEqual([]);
  });
});
