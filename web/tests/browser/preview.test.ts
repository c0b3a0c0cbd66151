// Previews: what a file holds, as nothing that runs.
import { expect, it } from "vitest";
import { idOf } from "../../dev/files.ts";
import { journeys } from "./journey.ts";

/** 4 × 2 pixels, to be turned by a quarter: EXIF orientation 6. */
const TURNED = Buffer.from(
  "/9j/4QAiRXhpZgAASUkqAAgAAAABABIBAwABAAAABgAAAAAAAAD/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQCgwSExIQEw8QEBD/2wBDAQMDAwQDBAgEBAgQCwkLEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBD/wAARCAACAAQDAREAAhEBAxEB/8QAFAABAAAAAAAAAAAAAAAAAAAACP/EABoQAAEFAQAAAAAAAAAAAAAAAAUAAhZVlNH/xAAVAQEBAAAAAAAAAAAAAAAAAAADCf/EABwRAAAHAQEAAAAAAAAAAAAAAAADBAYXVdKTlP/aAAwDAQACEQMRAD8AA8hP3hDS/qo1GDHpknnJwAkR4Wynubsf/9k=",
  "base64",
);

journeys("a preview", (t) => {
  async function open(key: string, type: string, bytes: Buffer, size = bytes.length): Promise<void> {
    const file = t.stage.mock.files.add(key, size, type, { bytes });
    file.status = "processed";
    await t.stage.enter(t.tab, `/files/${idOf(key)}`);
    await t.page.getByText("What happened").waitFor();
  }
  const content = () => t.page.getByRole("region", { name: "Content" });

  it("shows a photo the right way up, and says what it is", async () => {
    await open("photos/turned.jpg", "image/jpeg", TURNED);
    const image = t.page.getByRole("img", { name: "Content of turned.jpg" });
    await image.waitFor();
    const size = () => image.evaluate((img: HTMLImageElement) => [img.naturalWidth, img.naturalHeight]);
    await expect.poll(size).toEqual([2, 4]);
  });

  it("loads a large image only when asked", async () => {
    await open("photos/large.jpg", "image/jpeg", TURNED, 12 * 1024 * 1024);
    await t.page.getByRole("button", { name: "Show the image (12 MB)" }).waitFor();
    expect(t.stage.mock.api.asked).not.toContain("previewFile");
    await t.page.getByRole("button", { name: "Show the image (12 MB)" }).click();
    await t.page.getByRole("img", { name: "Content of large.jpg" }).waitFor();
  });

  it("says so when a text is empty", async () => {
    await open("logs/nothing.log", "text/plain", Buffer.alloc(0));
    await t.page.getByText("The file is empty.").waitFor();
  });

  it("says so when an image cannot be shown", async () => {
    await open("photos/broken.png", "image/png", Buffer.from("no picture"));
    await t.page.getByText("The browser cannot show this image.").waitFor();
  });

  it("shows the beginning of a long text, and how much of it that is", async () => {
    await open("logs/long.log", "text/plain", Buffer.from("0123456789abcde\n".repeat(10_000)));
    await content().waitFor();
    await expect.poll(async () => (await content().textContent())?.length).toBe(65_536);
    await t.page.getByText("The first 64 KB of 156 KB.").waitFor();
  });

  it("shows a page's source and runs nothing of it", async () => {
    await open("inbox/page.html", "text/html", Buffer.from("<img src=x onerror=alert(1)><script>alert(1)</script>"));
    await content().waitFor();
    await expect.poll(() => content().textContent()).toBe("<img src=x onerror=alert(1)><script>alert(1)</script>");
    expect(await content().locator("*").count()).toBe(0);
  });

  it("opens a PDF in a tab of its own, which knows nothing of this one", async () => {
    await open("docs/paper.pdf", "application/pdf", Buffer.from("%PDF-1.7"));
    const link = t.page.getByRole("link", { name: "Open the PDF in a new tab" });
    await link.waitFor();
    expect(await link.getAttribute("target")).toBe("_blank");
    expect(await link.getAttribute("rel")).toBe("noopener noreferrer");
    expect((await link.getAttribute("href"))?.startsWith(t.stage.mock.origin)).toBe(true);
  });

  it("renews a PDF's link before the link expires", async () => {
    await t.page.route("**/preview", async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...(await answer.json()), expiresInSeconds: 1 } });
    });
    await open("docs/paper.pdf", "application/pdf", Buffer.from("%PDF-1.7"));
    const link = t.page.getByRole("link", { name: "Open the PDF in a new tab" });
    const first = await link.getAttribute("href");
    await expect.poll(() => link.getAttribute("href"), { timeout: 20_000 }).not.toBe(first);
  });

  it("is not offered for a file that is not inspected, or of another type", async () => {
    const file = t.stage.mock.files.add("photos/new.jpg", 10, "image/jpeg");
    await t.stage.enter(t.tab, `/files/${file.id}`);
    await t.page.getByText("Waits to be inspected", { exact: true }).waitFor();
    expect(await t.page.getByRole("heading", { name: "Preview" }).count()).toBe(0);
    await t.page.goto(`/files/${idOf("backups/2026-11-22/catalogue.tar.gz")}`);
    await t.page.getByText("SHA-256").waitFor();
    expect(await t.page.getByRole("heading", { name: "Preview" }).count()).toBe(0);
    expect(t.stage.mock.api.asked).not.toContain("previewFile");
  });

  it("is not offered again for a file that is refused", async () => {
    t.stage.mock.api.fail("previewFile", 409, "conflict", "The file is infected.");
    await open("docs/note.txt", "text/plain", Buffer.from("hello"));
    await t.page.getByText("The file is infected.").waitFor();
    expect(await t.page.getByRole("button", { name: "Try again" }).count()).toBe(0);
  });

  it("can be tried again when the service refuses it", async () => {
    t.stage.mock.api.fail("previewFile", 503, "unavailable", "The service is unavailable.");
    await open("docs/note.txt", "text/plain", Buffer.from("hello"));
    await t.page.getByText("The service is unavailable.").waitFor();
    await t.page.getByRole("button", { name: "Try again" }).click();
    await content().getByText("hello").waitFor();
  });
});
