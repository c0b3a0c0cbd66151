// Many files: filters, selection, actions on several files, and the way back to one's place.
import { describe, expect, it } from "vitest";
import { AT_A_TIME } from "../../src/files/bulk.ts";
import { journeys } from "./journey.ts";

const INVOICES = "invoices/2026/";

journeys("many files", (t) => {
  const box = (name: string) => t.page.getByRole("checkbox", { name: `Select ${name}`, exact: true });
  const all = () => t.page.getByRole("checkbox", { name: "Select all files shown" });
  const names = () =>
    t.rows().evaluateAll((rows) => rows.map((row) => row.querySelector(".row-link")?.textContent ?? ""));
  const top = (name: string) =>
    t.page.getByRole("link", { name, exact: true }).evaluate((link) => link.getBoundingClientRect().top);

  describe("a selection", () => {
    it("takes a range with Shift, and counts files and bytes", async () => {
      await t.stage.enter(t.tab);
      await box("invoice-0423.pdf").check();
      await t.page.getByText("1 file selected").waitFor({ state: "attached" });
      await box("revenue-by-region.xlsx").click({ modifiers: ["Shift"] });
      await t.page.locator(".selected-count").getByText("3 files", { exact: true }).waitFor();
      await t.page.locator(".selected-count").getByText("5.1 MB").waitFor();
      expect(await all().evaluate((input: HTMLInputElement) => input.indeterminate)).toBe(true);
      await t.page.getByRole("button", { name: "Clear selection" }).click();
      expect(await box("invoice-0423.pdf").isChecked()).toBe(false);
      await expect.poll(() => all().evaluate((input) => input === document.activeElement)).toBe(true);
    });

    it("is still there after a look at one of the files, and gone with another filter", async () => {
      await t.stage.enter(t.tab);
      await box("invoice-0422.pdf").check();
      await t.page.getByRole("link", { name: "invoice-0422.pdf" }).click();
      await t.page.getByText("What happened").waitFor();
      await t.page.goBack();
      expect(await box("invoice-0422.pdf").isChecked()).toBe(true);
      await t.page.getByRole("searchbox").fill("invoices/2026/invoice-042");
      await t.page.getByText("In order of their paths").waitFor();
      expect(await box("invoice-0422.pdf").isChecked()).toBe(false);
    });

    it("takes no file that the catalogue does not have yet, which has no page either", async () => {
      const file = t.stage.mock.files.newest().find(({ name }) => name === "invoice-0423.pdf");
      Object.assign(file ?? {}, { status: "stored" });
      await t.stage.enter(t.tab);
      expect(await box("invoice-0423.pdf").isDisabled()).toBe(true);
      expect(await t.page.getByRole("link", { name: "invoice-0423.pdf" }).count()).toBe(0);
      Object.assign(file ?? {}, { status: "processed" });
      await t.page.getByRole("link", { name: "invoice-0423.pdf" }).waitFor();
    });

    it("works with the keyboard alone", async () => {
      await t.stage.enter(t.tab);
      await all().focus();
      await t.page.keyboard.press("Space");
      await t.page.locator(".selected-count").getByText("50 files", { exact: true }).waitFor();
      await t.page.keyboard.press("Tab");
      await t.page.keyboard.press("Enter");
      const dialog = t.page.getByRole("dialog");
      await dialog.getByRole("heading", { name: "50 download links" }).waitFor();
      const close = dialog.getByRole("button", { name: "Close" });
      await expect.poll(() => close.evaluate((button) => button === document.activeElement)).toBe(true);
      await t.page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
    });
  });

  describe("several files", () => {
    it("are deleted as far as they are not in a bucket that another program made", async () => {
      const PICKED = "invoice-0423.pdf";
      const file = t.stage.mock.files.newest().find(({ name }) => name === PICKED);
      Object.assign(file ?? {}, { readOnly: true, bucket: "bucket-of-another-team" });
      await t.stage.enter(t.tab);
      await t.page.getByText("bucket-of-another-team").waitFor();
      await box(PICKED).check();
      await t.page.getByRole("button", { name: "Reprocess" }).waitFor();
      expect(await t.page.getByRole("button", { name: "Delete" }).count()).toBe(0);
      await box("harbour-at-dusk.jpg").check();
      await t.page.getByRole("button", { name: "Delete 1 of 2" }).click();
      await t.page.getByRole("dialog").getByRole("heading", { name: "Delete 1 file?" }).waitFor();
    });

    it("are deleted in hundreds, page after page of a list", async () => {
      for (let i = 0; i < 200; i++) t.stage.mock.files.add(`bulk/${String(i).padStart(3, "0")}.txt`, 10, "text/plain");
      for (const file of t.stage.mock.files.items.values()) if (file.folder === "bulk") file.status = "processed";
      await t.stage.enter(t.tab, "/files?prefix=bulk%2F");
      for (const shown of [50, 100, 150]) {
        await expect.poll(() => t.rows().count()).toBe(shown);
        await t.page.getByRole("button", { name: "Load more" }).click();
      }
      await expect.poll(() => t.rows().count()).toBe(200);
      await all().check();
      await t.page.getByRole("button", { name: "Delete" }).click();
      const dialog = t.page.getByRole("dialog");
      await dialog.getByRole("button", { name: "Delete 200 files" }).click();
      await dialog.getByRole("heading", { name: "200 files deleted" }).waitFor({ timeout: 60_000 });
      await dialog.getByRole("button", { name: "Close" }).click();
      await t.page.getByRole("heading", { name: "No file starts like that" }).waitFor();
      expect(t.stage.mock.files.newest().filter((file) => file.folder === "bulk" && file.status !== "removed")).toEqual(
        [],
      );
    });

    it("are deleted only after a yes, and what failed is named and can be retried", async () => {
      await t.stage.enter(t.tab);
      for (const name of ["harbour-at-dusk.jpg", "revenue-by-region.xlsx", "readme.txt"]) await box(name).check();
      await t.page.getByRole("button", { name: "Delete" }).click();
      const dialog = t.page.getByRole("dialog");
      await dialog.getByRole("heading", { name: "Delete 3 files?" }).waitFor();
      const cancel = dialog.getByRole("button", { name: "Cancel" });
      await expect.poll(() => cancel.evaluate((button) => button === document.activeElement)).toBe(true);
      await cancel.click();
      expect(t.stage.mock.api.asked).not.toContain("deleteFile");

      t.stage.mock.api.fail("deleteFile", 500, "internal", "The bucket did not answer.");
      await t.page.getByRole("button", { name: "Delete" }).click();
      await dialog.getByRole("button", { name: "Delete 3 files" }).click();
      await dialog.getByRole("heading", { name: "2 files deleted, 1 failed" }).waitFor();
      await dialog.getByText("The bucket did not answer.").waitFor();
      await dialog.getByRole("button", { name: "Retry 1 file" }).click();
      await dialog.getByRole("heading", { name: "3 files deleted" }).waitFor();
      await dialog.getByRole("button", { name: "Close" }).click();
      await expect.poll(async () => (await names()).includes("readme.txt")).toBe(false);
      await expect.poll(names).not.toContain("harbour-at-dusk.jpg");
      await expect.poll(() => all().isChecked()).toBe(false);
    });

    it("leave the result to be heard in their dialog, and the focus on the page", async () => {
      await t.stage.enter(t.tab);
      await box("readme.txt").check();
      await t.page.getByRole("button", { name: "Delete" }).click();
      const dialog = t.page.getByRole("dialog");
      await dialog.getByRole("button", { name: "Delete 1 file" }).click();
      // Outside it everything is inert.
      await dialog.getByRole("status").getByText("1 file deleted").waitFor({ state: "attached" });
      await dialog.getByRole("button", { name: "Close" }).click();
      // The button that opened it is gone with the selection.
      await expect.poll(() => t.page.evaluate(() => document.activeElement?.id)).toBe("main");
    });

    it("get no download link if they are infected", async () => {
      const infected = t.stage.mock.files.newest().find(({ name }) => name === "invoice-0422.pdf");
      Object.assign(infected ?? {}, { scan: { state: "infected", reason: "EICAR-Test-File", refused: true } });
      await t.stage.enter(t.tab);
      await box("invoice-0422.pdf").check();
      await t.page.getByRole("button", { name: "Reprocess" }).waitFor();
      expect(await t.page.getByRole("button", { name: "Download links" }).count()).toBe(0);
      await box("readme.txt").check();
      await t.page.getByRole("button", { name: "Download links 1 of 2" }).click();
      await t.page.getByRole("dialog").getByRole("heading", { name: "1 download link" }).waitFor();
    });

    it("are not offered again when they were refused for good", async () => {
      await t.stage.enter(t.tab);
      for (const name of ["invoice-0422.pdf", "readme.txt"]) await box(name).check();
      t.stage.mock.api.fail("downloadFile", 409, "conflict", "The file is infected.");
      await t.page.getByRole("button", { name: "Download links" }).click();
      const dialog = t.page.getByRole("dialog");
      await dialog.getByRole("heading", { name: "1 download link, 1 failed" }).waitFor();
      await dialog.getByText("The file is infected.").waitFor();
      expect(await dialog.getByRole("button", { name: /Retry/ }).count()).toBe(0);
    });

    it("wait their turn when there are too many requests", async () => {
      await t.stage.enter(t.tab);
      for (const name of ["invoice-0422.pdf", "readme.txt"]) await box(name).check();
      t.stage.mock.api.fail("reprocessFile", 429, "too_many_requests", "Too many requests.", 2);
      await t.page.getByRole("button", { name: "Reprocess" }).click();
      await t.page.getByRole("dialog").getByRole("heading", { name: "2 files will be inspected again" }).waitFor();
      expect(t.stage.mock.api.asked.filter((operation) => operation === "reprocessFile")).toHaveLength(4);
    });

    it("get a download link each", async () => {
      const bytes = Buffer.from("the very bytes");
      t.stage.mock.files.add("docs/one.txt", bytes.length, "text/plain", { bytes });
      t.stage.mock.files.add("docs/two.txt", bytes.length, "text/plain", { bytes });
      await t.tab.context.grantPermissions(["clipboard-read", "clipboard-write"]);
      await t.stage.enter(t.tab);
      for (const name of ["one.txt", "two.txt"]) await box(name).check();
      await t.page.getByRole("button", { name: "Download links" }).click();
      const dialog = t.page.getByRole("dialog");
      await dialog.getByRole("heading", { name: "2 download links" }).waitFor();
      const [download] = await Promise.all([
        t.page.waitForEvent("download"),
        dialog.getByRole("link", { name: "Save two.txt" }).click(),
      ]);
      expect(download.suggestedFilename()).toBe("two.txt");
      await dialog.getByRole("button", { name: "Copy all links" }).click();
      await dialog.getByRole("button", { name: "Copied" }).waitFor();
      const links = (await t.page.evaluate(() => navigator.clipboard.readText())).split("\n");
      expect(links).toHaveLength(2);
      expect(links.every((link) => link.startsWith(t.stage.mock.origin))).toBe(true);
    });

    it("can be stopped, and the rest is not touched", async () => {
      await t.stage.enter(t.tab);
      await all().check();
      await t.page.getByRole("button", { name: "Delete" }).click();
      let go = (): void => {};
      const stopped = new Promise<void>((resolve) => {
        go = resolve;
      });
      let begun = 0;
      await t.page.route("**/v1/files/*", async (route) => {
        if (route.request().method() === "DELETE") {
          begun += 1;
          await stopped;
        }
        await route.continue();
      });
      const dialog = t.page.getByRole("dialog");
      await dialog.getByRole("button", { name: "Delete 50 files" }).click();
      await expect.poll(() => begun).toBe(AT_A_TIME);
      await dialog.getByRole("button", { name: "Stop" }).click();
      go();
      await dialog.getByRole("heading", { name: `${50 - AT_A_TIME} not started` }).waitFor();
      expect(begun).toBe(AT_A_TIME);
    });
  });

  describe("filters", () => {
    it("show one status among the loaded files, and say how far they have searched", async () => {
      const files = t.stage.mock.files.newest();
      const deep = files[120];
      if (deep) deep.status = "failed";
      await t.stage.enter(t.tab);
      await t.rows().first().waitFor();
      await t.page.getByRole("combobox", { name: "Filter by status" }).selectOption("failed");
      await expect.poll(() => t.rows().count()).toBe(1);
      await t.page.getByText("1 of the first 50 files. Further files may match.").waitFor();
      await t.page.getByRole("button", { name: "Search further" }).click();
      await expect.poll(() => t.rows().count()).toBe(2);
      await t.page.getByText("That is all: 2 of 144 files.").waitFor();
      expect(new URL(t.page.url()).search).toBe("?status=failed");
    });

    it("do not claim that nothing matches before everything was searched", async () => {
      await t.stage.enter(t.tab, "/files?status=received");
      await t.rows().first().waitFor();
      for (const file of t.stage.mock.files.newest()) if (file.status === "received") file.status = "processed";
      await t.lookNow();
      await t.page.getByRole("heading", { name: "No match so far" }).waitFor();
      await t.page.getByText("Among the first 50 files, there is no file that waits to be inspected.").waitFor();
      await t.page.getByRole("button", { name: "Search further" }).click();
      await t.page.getByText("Among all 144 files, there is no").waitFor();
    });

    it("show one folder with everything below it", async () => {
      await t.stage.enter(t.tab);
      await t.rows().first().waitFor();
      await t.page.getByRole("combobox", { name: "Filter by folder" }).selectOption("photos/");
      await expect.poll(names).toEqual(["harbour-at-dusk.jpg", "IMG_2041.HEIC"]);
      expect(new URL(t.page.url()).search).toBe("?prefix=photos%2F");
      await t.page.goBack();
      await expect.poll(() => t.rows().count()).toBe(50);
      expect(await t.page.getByRole("combobox", { name: "Filter by folder" }).inputValue()).toBe("");
    });
  });

  it("that are the last ones have the focus, as the button that loaded them is gone", async () => {
    for (const file of t.stage.mock.files.newest().slice(70)) t.stage.mock.files.items.delete(file.id);
    await t.stage.enter(t.tab);
    await t.page.getByRole("button", { name: "Load more" }).press("Enter");
    await expect.poll(() => t.rows().count()).toBe(69);
    const first = t.rows().nth(50).getByRole("link");
    await expect.poll(() => first.evaluate((link) => link === document.activeElement)).toBe(true);
  });

  describe("the way back", () => {
    const far = "invoice-0350.pdf";

    async function openFar(): Promise<number> {
      await t.page.getByRole("button", { name: "Load more" }).click();
      await expect.poll(() => t.rows().count()).toBe(100);
      await t.page.getByRole("link", { name: far }).scrollIntoViewIfNeeded();
      const before = await top(far);
      await t.page.getByRole("link", { name: far }).click();
      await t.page.getByText("What happened").waitFor();
      return before;
    }

    it("leads to the same file at the same height, whatever arrived meanwhile, and gives it the focus", async () => {
      await t.stage.enter(t.tab);
      const before = await openFar();
      for (let i = 0; i < 5; i++) t.stage.mock.files.add(`live/${i}.txt`, 1, "text/plain");
      await t.page.getByRole("link", { name: "Files" }).last().click();
      await t.page.getByRole("link", { name: far }).waitFor();
      await expect.poll(async () => Math.abs((await top(far)) - before)).toBeLessThan(3);
      await t.page.getByText("5 files arrived").waitFor({ state: "attached" });
      await expect.poll(async () => Math.abs((await top(far)) - before)).toBeLessThan(3);
      const link = t.page.getByRole("link", { name: far });
      await expect.poll(() => link.evaluate((element) => element === document.activeElement)).toBe(true);
    });

    it("survives a reload of the file's page", async () => {
      await t.stage.enter(t.tab);
      const before = await openFar();
      await t.page.reload();
      await t.page.getByText("What happened").waitFor();
      for (let i = 0; i < 5; i++) t.stage.mock.files.add(`live/${i}.txt`, 1, "text/plain");
      await t.page.goBack();
      await expect.poll(() => t.rows().count()).toBe(100);
      await expect.poll(async () => Math.abs((await top(far)) - before)).toBeLessThan(3);
    });

    it("leads to the search and the filter that a file was opened from", async () => {
      const path = `/files?prefix=${encodeURIComponent(INVOICES)}&status=processed`;
      await t.stage.enter(t.tab, path);
      await t.rows().first().getByRole("link").click();
      await t.page.getByText("What happened").waitFor();
      await t.page.getByRole("link", { name: "Files" }).last().click();
      await t.rows().first().waitFor();
      expect(t.page.url()).toBe(t.stage.base + path);
    });

    it("leads to all files from a link that was opened directly", async () => {
      const id = t.stage.mock.files.newest()[3]?.id;
      await t.stage.enter(t.tab, `/files/${id}`);
      await t.page.getByText("What happened").waitFor();
      await t.page.getByRole("link", { name: "Files" }).last().click();
      await t.rows().first().waitFor();
      expect(new URL(t.page.url()).pathname).toBe("/files");
    });
  });
});
