// The page itself: counts, theme, unknown addresses, configuration, keyboard.
import { expect, it } from "vitest";
import { journeys } from "./journey.ts";

journeys("the page", (t) => {
  it("counts, and shows the counts as a table", async () => {
    await t.stage.enter(t.tab, "/overview");
    await t.page.getByText("Arrived today").waitFor();
    await t.page.locator("canvas").first().waitFor();
    await t.page.getByText("Show as table").first().click();
    const days = t.page.getByRole("region", { name: "Files per day, table" }).getByRole("row");
    await expect.poll(() => days.count()).toBe(31);
    await expect.poll(() => t.rows().count()).toBe(10);
  });

  it("shows older files when the newest were all removed", async () => {
    const { files } = t.stage.mock;
    for (const file of files.newest().slice(0, 130)) files.remove(file);
    await t.stage.enter(t.tab, "/overview");
    await expect.poll(() => t.rows().count()).toBe(10);
  });

  it("does not claim that there are no files when too many were removed to know", async () => {
    const { files, api } = t.stage.mock;
    // Signed in before: the way there may lead over the list of files, which asks for some as well.
    await t.stage.enter(t.tab, "/overview");
    await t.page.getByText("Arrived today").waitFor();
    files.items.clear();
    for (let i = 0; i < 7_300; i++) files.remove(files.add(`gone/${i}.txt`, 1, "text/plain", { at: Date.now() - i }));
    files.add("old/still-here.txt", 1, "text/plain", { at: Date.now() - 86_400_000 });
    api.asked.length = 0;
    await t.page.reload();
    await t.page.getByText("The newest uploads were all removed.").waitFor();
    expect(api.asked.filter((operation) => operation === "listFiles")).toHaveLength(6);
  });

  it("remembers a chosen theme", async () => {
    await t.page.goto("/");
    const background = () => t.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background();
    await t.page.getByRole("button", { name: "Theme: as the system" }).click();
    await t.page.getByRole("button", { name: "Theme: light" }).click();
    await t.page.getByRole("button", { name: "Theme: dark" }).waitFor();
    await expect.poll(background).not.toBe(light);
    const dark = await background();
    await t.page.reload();
    await t.page.getByRole("button", { name: "Theme: dark" }).waitFor();
    await expect.poll(background).toBe(dark);
  });

  it("shows its own not-found page for an unknown address", async () => {
    await t.page.goto("/no/such/view");
    await t.page.getByRole("heading", { name: "There is nothing here" }).waitFor();
  });

  it("is usable by keyboard alone", async () => {
    await t.stage.enter(t.tab);
    await t.rows().first().waitFor();
    await t.page.keyboard.press("Tab");
    await t.page.keyboard.press("Tab");
    const focused = () => t.page.evaluate(() => document.activeElement?.textContent ?? "");
    for (let i = 0; i < 20 && (await focused()) !== "invoice-0423.pdf"; i++) await t.page.keyboard.press("Tab");
    await t.page.keyboard.press("Enter");
    await t.page.getByRole("heading", { name: "invoice-0423.pdf" }).waitFor();
    // The view that was opened has the focus, not a link that is gone.
    await expect.poll(() => t.page.evaluate(() => document.activeElement?.id)).toBe("main");
  });
});
