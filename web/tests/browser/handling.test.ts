// Uploading files, and what can be done with one.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { idOf } from "../../dev/files.ts";
import { journeys } from "./journey.ts";

const PHOTO = "photos/harbour-at-dusk.jpg";
const EVIL = "<img src=x onerror=alert(1)>.png";

journeys("handling", (t) => {
  describe("uploading", () => {
    it("opens the panel also when it is folded", async () => {
      await t.stage.enter(t.tab);
      const upload = t.page.getByRole("button", { name: "Upload", exact: true });
      await upload.click();
      await t.page.getByRole("button", { name: "Fold uploads" }).click();
      await t.page.getByRole("textbox", { name: "Folder" }).waitFor({ state: "detached" });
      await upload.click();
      await t.page.getByRole("textbox", { name: "Folder" }).waitFor();
      const panel = t.page.getByRole("region", { name: "Uploads" });
      expect(await panel.evaluate((element) => element === document.activeElement)).toBe(true);
    });

    it("takes a hostile name for a name", async () => {
      await t.stage.enter(t.tab);
      await t.page.getByRole("button", { name: "Upload" }).click();
      await t.page.getByRole("textbox", { name: "Folder" }).fill(" evil / 2026 ");
      const buffer = Buffer.from("not really a picture".repeat(50_000));
      await t.upload({ name: EVIL, mimeType: "image/png", buffer });
      await t.page.getByText("1 file uploaded").first().waitFor();
      const row = t.rows().filter({ hasText: EVIL });
      await expect.poll(() => t.stage.mock.files.newest()[0]?.status).toBe("processed");
      await t.lookNow();
      await t.badge(row, "Processed").waitFor();
      const file = t.stage.mock.files.newest()[0];
      expect(file).toMatchObject({
        key: `people/maria/evil/2026/${EVIL}`,
        contentType: "image/png",
        size: buffer.length,
      });
      expect(file?.bytes?.equals(buffer)).toBe(true);

      await t.page.getByRole("link", { name: `See it: ${EVIL}` }).click();
      await t.page.getByRole("heading", { name: EVIL }).waitFor();
      expect(await t.page.title()).toBe(`${EVIL} · File Notifications`);
    });

    it("says where a file goes before it is chosen", async () => {
      await t.stage.enter(t.tab);
      await t.page.getByRole("button", { name: "Upload" }).click();
      const goesTo = () => t.page.getByText(/^Goes to/).textContent();
      expect(await goesTo()).toBe("Goes to people/maria/");
      await t.page.getByRole("textbox", { name: "Folder" }).fill("/invoices // 2026/");
      expect(await goesTo()).toBe("Goes to people/maria/invoices/2026/");
    });

    it("takes a folder with the folders in it", async () => {
      const root = mkdtempSync(join(tmpdir(), "folder-"));
      mkdirSync(join(root, "docs", "2026"), { recursive: true });
      writeFileSync(join(root, "docs", "readme.txt"), "a");
      writeFileSync(join(root, "docs", "2026", "plan.txt"), "b");
      await t.stage.enter(t.tab);
      await t.page.getByRole("button", { name: "Upload" }).click();
      const [chooser] = await Promise.all([
        t.page.waitForEvent("filechooser"),
        t.page.getByRole("button", { name: "Choose a folder" }).click(),
      ]);
      await chooser.setFiles(join(root, "docs"));
      await t.page.getByText("2 files uploaded").first().waitFor();
      rmSync(root, { recursive: true });
      const keys = t.stage.mock.files.newest().map((file) => file.key);
      expect(keys).toEqual(expect.arrayContaining(["people/maria/docs/readme.txt", "people/maria/docs/2026/plan.txt"]));
    });

    it("takes several files dropped anywhere, the same one twice", async () => {
      await t.stage.enter(t.tab);
      const transfer = await t.page.evaluateHandle(() => {
        const data = new DataTransfer();
        for (const name of ["one.txt", "two.txt", "two.txt"])
          data.items.add(new File(["content"], name, { type: "text/plain" }));
        return data;
      });
      await t.page.dispatchEvent("main", "dragover", { dataTransfer: transfer });
      await t.page.getByText("Drop to upload").waitFor();
      await t.page.dispatchEvent("main", "drop", { dataTransfer: transfer });
      await t.page.getByText("3 files uploaded").first().waitFor();
      await t.page.getByText("Drop to upload").waitFor({ state: "detached" });
    });

    it("asks for the list once for all that finish together", async () => {
      await t.stage.enter(t.tab);
      await t.rows().first().waitFor();
      const lists = () => t.stage.mock.api.asked.filter((operation) => operation === "listFiles").length;
      const before = lists();
      await t.page.getByRole("button", { name: "Upload" }).click();
      await t.upload(
        ...Array.from({ length: 20 }, (_, i) => ({ name: `${i}.txt`, mimeType: "", buffer: Buffer.from(`${i}`) })),
      );
      await t.page.getByRole("heading", { name: "20 files uploaded" }).waitFor();
      await t.page.getByRole("link", { name: "19.txt", exact: true }).waitFor();
      expect(lists() - before).toBeLessThan(5);
    });

    it("says why a file was refused, and can try it again", async () => {
      t.stage.mock.bucket.refuse.push({ status: 403, code: "AccessDenied" });
      await t.stage.enter(t.tab);
      await t.page.getByRole("button", { name: "Upload" }).click();
      await t.upload({ name: "again.txt", mimeType: "text/plain", buffer: Buffer.from("abc") });
      await t.page.getByText("The bucket refused the file").waitFor();
      // Another file must not send the refused one along.
      await t.upload({ name: "other.txt", mimeType: "text/plain", buffer: Buffer.from("def") });
      await t.page.getByRole("heading", { name: "1 uploaded, 1 not" }).waitFor();
      await t.page.getByRole("button", { name: "Try again.txt again" }).click();
      await t.page.getByText("2 files uploaded").first().waitFor();

      t.stage.mock.api.fail("createUpload", 400, "invalid_name", "A name may not contain control characters.");
      await t.upload({ name: "odd.txt", mimeType: "text/plain", buffer: Buffer.from("abc") });
      await t.page.getByText("A name may not contain control characters.").waitFor();
      expect(await t.page.getByRole("button", { name: "Try odd.txt again" }).count()).toBe(0);
    });

    it("tries all that failed again at once", async () => {
      const refusal = { status: 403, code: "AccessDenied" };
      t.stage.mock.bucket.refuse.push(refusal, refusal, refusal);
      await t.stage.enter(t.tab);
      await t.page.getByRole("button", { name: "Upload" }).click();
      await t.upload(...["a", "b", "c"].map((name) => ({ name, mimeType: "", buffer: Buffer.from(name) })));
      await t.page.getByRole("button", { name: "Try all 3 again" }).click();
      await t.page.getByRole("heading", { name: "3 files uploaded" }).waitFor();
    });

    it("does not start an upload that is too large", async () => {
      t.stage.mock.api.maxUploadMegabytes = 1;
      await t.stage.enter(t.tab);
      await t.page.getByRole("button", { name: "Upload" }).click();
      await t.page.getByText("Up to 1 MB each").waitFor();
      await t.upload({ name: "large.bin", mimeType: "", buffer: Buffer.alloc(1_572_864) });
      await t.page.getByText("This file has 1.5 MB; at most 1 MB can be uploaded here.").waitFor();
      expect(t.stage.mock.api.asked).not.toContain("createUpload");
    });
  });

  describe("a file", () => {
    const open = (key: string) => t.stage.enter(t.tab, `/files/${idOf(key)}`);

    it("shows what is known", async () => {
      await open(PHOTO);
      for (const text of [
        "Fujifilm X-T5",
        "4032 × 3024",
        "SHA-256",
        "4.8 MB (5,033,164 bytes)",
        "People notified at once",
      ]) {
        await t.page.getByText(text).first().waitFor();
      }
    });

    it("leads to its folder", async () => {
      await open(PHOTO);
      await t.page.getByRole("link", { name: "Folder photos" }).click();
      await expect.poll(() => t.rows().count()).toBe(2);
      expect(new URL(t.page.url()).search).toBe("?prefix=photos%2F");
    });

    it("says so when the browser does not let it be copied from", async () => {
      await open(PHOTO);
      const copy = t.page.getByRole("button", { name: "Copy the path" });
      await copy.waitFor();
      await t.page.evaluate(() => {
        navigator.clipboard.writeText = () => Promise.reject(new DOMException("no", "NotAllowedError"));
      });
      await copy.click();
      await t.page.getByText("The browser did not allow copying.").waitFor();
    });

    it("is downloaded byte for byte", async () => {
      const bytes = Buffer.from("the very bytes");
      t.stage.mock.files.add("docs/näme & co.txt", bytes.length, "text/plain", { bytes });
      await open("docs/näme & co.txt");
      const [download] = await Promise.all([
        t.page.waitForEvent("download"),
        t.page.getByRole("button", { name: "Download" }).click(),
      ]);
      expect(download.suggestedFilename()).toBe("näme & co.txt");
      expect((await readFile(await download.path())).equals(bytes)).toBe(true);
      expect(new URL(t.page.url()).pathname).toBe(`/files/${idOf("docs/näme & co.txt")}`);
    });

    it("says why it cannot be downloaded", async () => {
      await open(PHOTO);
      t.stage.mock.api.fail("downloadFile", 410, "gone", "The file was removed a moment ago.");
      await t.page.getByRole("button", { name: "Download" }).click();
      await t.page.getByText("The file was removed a moment ago.").waitFor();
    });

    it("is inspected again, and the page follows", async () => {
      const failed = t.stage.mock.files.newest().find((file) => file.status === "failed");
      await open(failed?.key ?? "");
      await t.page.getByText("This file is broken").waitFor();
      await t.page.getByRole("button", { name: "Reprocess" }).click();
      await t.page.getByText("The file waits to be inspected again").waitFor();
      await t.page.getByText("This file is broken").waitFor({ state: "detached" });
      await t.page.getByText("again", { exact: true }).waitFor();
    });

    it("has no delete button in a bucket that another program made", async () => {
      const file = t.stage.mock.files.items.get(idOf(PHOTO));
      if (!file) throw new Error("the mock lost the photo");
      Object.assign(file, { bucket: "bucket-of-another-team", readOnly: true });
      await open(PHOTO);
      await t.page.getByText("bucket-of-another-team").waitFor();
      await t.page.getByRole("button", { name: "Download" }).waitFor();
      expect(await t.page.getByRole("button", { name: "Delete" }).count()).toBe(0);
    });

    it("is deleted only after a yes", async () => {
      await open(PHOTO);
      const remove = t.page.getByRole("button", { name: "Delete", exact: true });
      await remove.click();
      await t.page.getByRole("dialog", { name: "Delete this file?" }).getByText(PHOTO).waitFor();
      await t.page.keyboard.press("Escape");
      await t.page.getByRole("dialog").waitFor({ state: "detached" });
      await expect.poll(() => remove.evaluate((button) => button === document.activeElement)).toBe(true);
      expect(t.stage.mock.api.asked).not.toContain("deleteFile");

      t.stage.mock.api.fail("deleteFile", 500, "internal", "The bucket did not answer.");
      await remove.click();
      await t.page.getByRole("button", { name: "Delete file" }).click();
      await t.page.getByRole("dialog").getByText("The bucket did not answer.").waitFor();
      // The catalogue shows it only later: until then the list must not show the file as present.
      t.stage.mock.api.removalMs = 60_000;
      await t.page.getByRole("button", { name: "Delete file" }).click();
      await t.page.getByText("harbour-at-dusk.jpg was deleted").waitFor();
      expect(new URL(t.page.url()).pathname).toBe("/files");
      await t.badge(t.rows().filter({ hasText: "harbour-at-dusk.jpg" }), "Removed").waitFor();
    });

    it("that was removed says by whom", async () => {
      const file = t.stage.mock.files.add("gone/report.txt", 3, "text/plain");
      t.stage.mock.files.remove(file);
      await open("gone/report.txt");
      const story = t.page.getByRole("region", { name: "What happened" });
      await story.getByText("Removed by maria@example.com").waitFor();
    });

    it("that is not known says so, and appears when it comes", async () => {
      const key = "late/arrival.txt";
      await open(key);
      await t.page.getByRole("heading", { name: "This file is unknown" }).waitFor();
      t.stage.mock.files.add(key, 3, "text/plain");
      await t.lookNow();
      await t.page.getByRole("heading", { name: "arrival.txt" }).waitFor();
    });
  });
});
