// Large files: sent in parts, paused, continued after a broken line and after a reload, and cleaned up.
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { axeProblems } from "./harness.ts";
import { journeys } from "./journey.ts";

const MB = 1024 * 1024;
const NAME = "recording.bin";

journeys("a large file", (t) => {
  let folder: string;
  let path: string;
  let checksum: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "large-"));
    path = join(folder, NAME);
    // Three parts: 52 + 52 + 6 MB, each with its own bytes.
    const bytes = Buffer.concat([Buffer.alloc(52 * MB, 1), Buffer.alloc(52 * MB, 2), Buffer.alloc(6 * MB, 3)]);
    checksum = createHash("sha256").update(bytes).digest("hex");
    writeFileSync(path, bytes);
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  afterEach(letAllArrive);

  function letAllArrive(): void {
    parts().most = Number.POSITIVE_INFINITY;
  }
  const parts = () => t.stage.mock.bucket.parts;
  const choose = () => t.page.locator("input[type=file]").setInputFiles(path);
  /** Begins an upload of which no more than so many parts arrive. */
  async function begin(most = Number.POSITIVE_INFINITY, enter = () => t.stage.enter(t.tab)): Promise<void> {
    parts().received.length = 0;
    parts().open.clear();
    parts().most = most;
    await enter();
    await t.page.getByRole("button", { name: "Upload" }).click();
    await choose();
  }
  async function arrived(): Promise<void> {
    await t.page.getByRole("heading", { name: "1 file uploaded" }).waitFor({ timeout: 60_000 });
    const file = t.stage.mock.files.newest().find((one) => one.name === NAME);
    expect(
      createHash("sha256")
        .update(file?.bytes ?? "")
        .digest("hex"),
    ).toBe(checksum);
    expect(await t.page.evaluate(() => sessionStorage.getItem("unfinished-uploads"))).toBeNull();
  }

  it("arrives byte for byte, in parts", async () => {
    await begin();
    await arrived();
    expect(parts().received).toEqual([1, 2, 3]);
    expect(t.stage.mock.api.asked).not.toContain("createUpload");
  });

  it("need not be large, where its name has what S3 reads more into in a form", async () => {
    await t.stage.enter(t.tab);
    await t.page.getByRole("button", { name: "Upload" }).click();
    await t.upload({ name: "US$.txt", mimeType: "text/plain", buffer: Buffer.from("a dollar") });
    await t.page.getByRole("heading", { name: "1 file uploaded" }).waitFor();
    expect(t.stage.mock.files.newest().map((one) => one.name)).toContain("US$.txt");
    expect(t.stage.mock.api.asked).not.toContain("createUpload");
  });

  it("can be paused, and goes on where it was", async () => {
    await begin(1);
    await expect.poll(() => parts().received.length).toBe(1);
    await t.page.getByRole("button", { name: `Pause upload of ${NAME}` }).click();
    await t.page.getByText(/^Paused at/).waitFor();
    expect(await axeProblems(t.page)).toEqual([]);
    const before = parts().received.length;
    letAllArrive();
    await t.page.waitForTimeout(1_000);
    // What was on its way may still have arrived, but nothing was begun.
    expect(parts().received.length - before).toBeLessThanOrEqual(1);
    await t.page.getByRole("button", { name: `Continue upload of ${NAME}` }).click();
    await arrived();
    expect(parts().received.filter((number) => number === 1)).toHaveLength(1);
  });

  it("survives a broken line", async () => {
    parts().cutOff = 1;
    await begin();
    await arrived();
    expect(parts().received).toEqual([1, 2, 3]);
  });

  it("says why the bucket refuses a link that expired, and goes on with new ones", async () => {
    await begin(1);
    await expect.poll(() => parts().received.length).toBe(1);
    parts().expireLinks();
    await t.page.getByText("The bucket refused the file").waitFor();
    letAllArrive();
    await t.page.getByRole("button", { name: `Try ${NAME} again` }).click();
    await arrived();
    expect(parts().received.filter((number) => number === 1)).toHaveLength(1);
  });

  it("goes on with a new token when its own ends on the way", async () => {
    await begin(1);
    await expect.poll(() => parts().received.length).toBe(1);
    await t.page.getByRole("button", { name: `Pause upload of ${NAME}` }).click();
    t.stage.mock.signIn.expireAll();
    letAllArrive();
    await t.page.getByRole("button", { name: `Continue upload of ${NAME}` }).click();
    await arrived();
  });

  it("goes on after a new sign-in when the session ends on the way", async () => {
    await begin(1);
    await expect.poll(() => parts().received.length).toBe(1);
    await t.page.getByRole("button", { name: `Pause upload of ${NAME}` }).click();
    t.stage.mock.signIn.refreshing = false;
    t.stage.mock.signIn.expireAll();
    letAllArrive();
    await t.page.getByRole("button", { name: `Continue upload of ${NAME}` }).click();
    await t.page.getByText("Sign in again").waitFor();
    t.stage.mock.signIn.refreshing = true;
    await t.stage.signIn(t.page);
    await t.page.getByText("Interrupted. Choose the file again to continue").waitFor();
    await choose();
    await arrived();
    expect(parts().received.filter((number) => number === 1)).toHaveLength(1);
  });

  it("arrives from two tabs at once, as one file", async () => {
    await begin();
    const other = await t.page.context().newPage();
    await t.stage.enter({ ...t.tab, page: other });
    await other.getByRole("button", { name: "Upload" }).click();
    await other.locator("input[type=file]").setInputFiles(path);
    await other.getByRole("heading", { name: "1 file uploaded" }).waitFor({ timeout: 60_000 });
    await arrived();
    expect(t.stage.mock.files.newest().filter((one) => one.name === NAME)).toHaveLength(1);
    expect(parts().open.size).toBe(0);
  });

  it("goes on after a reload when it is chosen again", async () => {
    await begin(1);
    await expect.poll(() => parts().received.length).toBe(1);
    await t.page.reload();
    await t.page.getByText("Interrupted. Choose the file again to continue").waitFor();
    expect(await axeProblems(t.page)).toEqual([]);
    letAllArrive();
    await choose();
    await arrived();
    expect(parts().received.filter((number) => number === 1)).toHaveLength(1);
    expect(await t.page.locator(".upload-item").count()).toBe(1);
  });

  it("leaves no parts behind when it is cancelled", async () => {
    await begin(0);
    await expect.poll(() => parts().open.size).toBe(1);
    await t.page.getByRole("button", { name: `Cancel upload of ${NAME}` }).click();
    await expect.poll(() => parts().open.size).toBe(0);
    expect(await t.page.evaluate(() => sessionStorage.getItem("unfinished-uploads"))).toBeNull();
  });

  it("is cancelled by signing out only after a yes", async () => {
    await begin(0, () => t.stage.signIn(t.page));
    await expect.poll(() => parts().open.size, { timeout: 10_000 }).toBe(1);
    const signOut = t.page.getByRole("button", { name: "Sign out" });
    await signOut.click();
    await t.page.getByRole("dialog", { name: "Cancel the uploads and sign out?" }).waitFor();
    expect(await axeProblems(t.page)).toEqual([]);
    await t.page.keyboard.press("Escape");
    await t.page.getByRole("heading", { name: "Uploading 1 file" }).waitFor();
    expect(parts().open.size).toBe(1);

    await signOut.click();
    await t.page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
    await t.page.getByRole("button", { name: "Sign in" }).waitFor();
    expect(await t.page.evaluate(() => sessionStorage.length)).toBe(0);
  });

  it("leaves no trace in the tab when its person signs out", async () => {
    await begin(1, () => t.stage.signIn(t.page));
    await expect.poll(() => parts().received.length).toBe(1);
    await t.page.reload();
    await t.page.getByText("Interrupted. Choose the file again to continue").waitFor();
    await t.page.getByRole("button", { name: "Sign out" }).click();
    await t.page.getByRole("button", { name: "Sign in" }).waitFor();
    expect(await t.page.evaluate(() => sessionStorage.length)).toBe(0);
  });

  it("leaves no parts behind when it is discarded after a reload", async () => {
    await begin(1);
    await expect.poll(() => parts().received.length).toBe(1);
    await t.page.reload();
    // Closing the panel discards nothing.
    await t.page.getByRole("button", { name: "Close uploads" }).click();
    await t.page.getByRole("button", { name: "Upload" }).click();
    expect(parts().open.size).toBe(1);
    await t.page.getByRole("button", { name: `Discard upload of ${NAME}` }).click();
    await expect.poll(() => parts().open.size).toBe(0);
  });
});
