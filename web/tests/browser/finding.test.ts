// Signing in, and finding files in the list.
import { describe, expect, it } from "vitest";
import { idOf } from "../../dev/files.ts";
import { journeys } from "./journey.ts";

const PHOTO = "photos/harbour-at-dusk.jpg";

journeys("finding", (t) => {
  describe("signing in", () => {
    it("leads from the landing page to the files, and out again", async () => {
      await t.stage.signIn(t.page);
      expect(new URL(t.page.url()).pathname).toBe("/files");
      await t.page.getByText("maria@example.com").first().waitFor();
      const kept = await t.page.evaluate(() => ({ local: Object.keys(localStorage), cookies: document.cookie }));
      expect(kept).toEqual({ local: [], cookies: "" });

      await t.page.getByRole("button", { name: "Sign out" }).click();
      await t.page.getByRole("button", { name: "Sign in" }).waitFor();
      expect(await t.page.evaluate(() => sessionStorage.length)).toBe(0);
    });

    it("leaves no token behind that could renew a session that was left", async () => {
      await t.stage.signIn(t.page);
      const before = t.stage.mock.signIn.renewable;
      await t.page.getByRole("button", { name: "Sign out" }).click();
      await t.page.getByRole("button", { name: "Sign in" }).waitFor();
      await expect.poll(() => t.stage.mock.signIn.renewable).toBe(before - 1);
    });

    it("brings a notification's link to its file", async () => {
      await t.page.goto(`/files/${idOf(PHOTO)}`);
      await t.page.getByRole("heading", { name: "Sign in to see this file" }).waitFor();
      await t.stage.signIn(t.page, `/files/${idOf(PHOTO)}`);
      await t.page.getByRole("heading", { name: "harbour-at-dusk.jpg" }).waitFor();
      // The code is gone from the address and from the history.
      expect(t.page.url()).toBe(`${t.stage.base}/files/${idOf(PHOTO)}`);
    });

    it("opens the files when its callback is opened again", async () => {
      await t.page.goto("/");
      await t.page.getByRole("button", { name: "Sign in" }).click();
      const callback = t.page.waitForRequest((request) => request.url().includes("/signed-in?"));
      await t.page.getByRole("button", { name: "Sign in" }).click();
      await t.page.getByRole("button", { name: "Sign out" }).waitFor();
      await t.page.goto((await callback).url());
      await t.rows().first().waitFor();
      expect(new URL(t.page.url()).pathname).toBe("/files");
    });

    it("says so when it was refused", async () => {
      await t.page.goto("/");
      await t.page.getByRole("button", { name: "Sign in" }).click();
      await t.page.getByRole("button", { name: "Refuse" }).click();
      await t.page.getByRole("heading", { name: "Signing in did not work" }).waitFor();
      await t.page.getByText("The sign-in was refused.").waitFor();
    });
  });

  describe("a session", () => {
    it("is renewed without a word", async () => {
      await t.stage.enter(t.tab);
      await t.rows().first().waitFor();
      t.stage.mock.signIn.expireAll();
      t.stage.mock.files.add("live/after-renewal.txt", 10, "text/plain");
      await t.lookNow();
      await t.page.getByRole("link", { name: "after-renewal.txt" }).waitFor();
    });

    it("is renewed once for all requests that find it at its end", async () => {
      await t.stage.enter(t.tab);
      await t.rows().first().waitFor();
      t.stage.mock.signIn.expireAll();
      let [renewals, refused] = [0, 0];
      t.page.on("response", (response) => {
        if (response.status() === 401) refused += 1;
      });
      await t.page.route("**/oauth2/token", async (route) => {
        renewals += 1;
        await expect.poll(() => refused).toBeGreaterThan(1);
        await route.continue();
      });
      await t.page.reload();
      await t.rows().first().waitFor();
      await t.page.getByRole("button", { name: "Upload" }).first().waitFor(); // the answer to what one may do
      expect(renewals).toBe(1);
    });

    it("outlives a sign-in page that is away for a moment", async () => {
      await t.stage.enter(t.tab);
      await t.rows().first().waitFor();
      await t.page.route("**/oauth2/token", (route) => route.abort());
      t.stage.mock.signIn.expireAll();
      await t.lookNow();
      await t.page.getByText("The service cannot be reached").waitFor();
      await t.page.unroute("**/oauth2/token");
      await t.lookNow();
      await t.page.getByText("The service cannot be reached").waitFor({ state: "detached" });
      await expect.poll(() => t.rows().count()).toBe(50);
    });

    it("ends where it cannot be renewed, and goes on where it was", async () => {
      await t.stage.enter(t.tab, `/files/${idOf(PHOTO)}`);
      await t.page.getByRole("img", { name: "Content of harbour-at-dusk.jpg" }).waitFor(); // the last request of the view
      t.stage.mock.signIn.refreshing = false;
      t.stage.mock.signIn.expireAll();
      await t.page.getByRole("button", { name: "Reprocess" }).click();
      await t.page.getByRole("heading", { name: "Your session has ended" }).waitFor();
      t.stage.mock.signIn.refreshing = true;
      await t.page.getByRole("button", { name: "Sign in" }).click();
      await t.page.getByText("Mock sign-in").waitFor();
      await t.page.getByRole("button", { name: "Sign in" }).click();
      await t.page.getByRole("heading", { name: "harbour-at-dusk.jpg" }).waitFor();
    });
  });

  describe("the list", () => {
    const present = () => [...t.stage.mock.files.items.values()].filter((file) => file.status !== "removed").length;

    it("is live, and stays in place while more is loaded", async () => {
      await t.stage.enter(t.tab);
      await expect.poll(() => t.firstName().textContent()).toBe("invoice-0423.pdf");
      await expect.poll(() => t.rows().count()).toBe(50);
      t.stage.mock.files.add("live/new-one.txt", 10, "text/plain");
      await t.page.getByRole("link", { name: "new-one.txt" }).waitFor();
      await expect.poll(() => t.firstName().textContent()).toBe("new-one.txt");
      await t.page.getByText("1 file arrived").waitFor({ state: "attached" });

      for (let i = 0; (await t.page.getByRole("button", { name: "Load more" }).count()) > 0; i++) {
        t.stage.mock.files.add(`live/while-loading-${i}.txt`, 10, "text/plain");
        const before = await t.rows().count();
        await t.page.getByRole("button", { name: "Load more" }).click();
        await expect.poll(() => t.rows().count()).toBeGreaterThan(before);
      }
      await expect.poll(() => t.rows().count()).toBe(present());
      const hrefs = await t
        .rows()
        .getByRole("link")
        .evaluateAll((links) => links.map((link) => link.getAttribute("href")));
      expect(new Set(hrefs).size).toBe(hrefs.length);
    });

    it("is searched by the beginning of paths", async () => {
      await t.stage.enter(t.tab);
      await t.page.keyboard.press("/");
      await t.page.keyboard.type("photos/");
      await expect.poll(() => t.rows().count()).toBe(2);
      await expect.poll(() => t.firstName().textContent()).toBe("harbour-at-dusk.jpg");
      expect(new URL(t.page.url()).search).toBe("?prefix=photos%2F");
      await t.page.reload();
      await expect.poll(() => t.rows().count()).toBe(2);
      expect(await t.page.getByRole("searchbox").inputValue()).toBe("photos/");
      await t.page.getByRole("searchbox").fill("nothing");
      await t.page.getByRole("heading", { name: "No file starts like that" }).waitFor();
      await t.page.getByRole("button", { name: "Clear search" }).click();
      await expect.poll(() => t.rows().count()).toBe(50);
    });

    it("keeps its place when one comes back from a file", async () => {
      await t.stage.enter(t.tab);
      await t.page.getByRole("button", { name: "Load more" }).click();
      await expect.poll(() => t.rows().count()).toBe(100);
      await t.rows().nth(80).getByRole("link").click();
      await t.page.getByText("What happened").waitFor();
      await expect.poll(() => t.page.evaluate(() => window.scrollY)).toBe(0);
      await t.page.goBack();
      await expect.poll(() => t.rows().count()).toBe(100);
      await expect.poll(() => t.page.evaluate(() => window.scrollY)).toBeGreaterThan(1000);
    });

    it("shows what hides in names", async () => {
      await t.stage.enter(t.tab);
      const link = t.page.getByRole("link", { name: "fdp.exe" });
      expect(await link.textContent()).toBe("invoiceU+202Efdp.exe");
      await link.click();
      await t.page.getByRole("heading", { name: /invoice.*U\+202E.*fdp.exe/ }).waitFor();
      expect(await t.page.title()).toBe("invoice[U+202E]fdp.exe · File Notifications");
    });

    it("says what went wrong, and tries again when asked", async () => {
      t.stage.mock.api.fail("listFiles", 500, "internal", "The <b>catalogue</b> did not answer.");
      await t.stage.enter(t.tab);
      await t.page.getByRole("heading", { name: "The files could not be loaded" }).waitFor();
      await t.page.getByText("The <b>catalogue</b> did not answer.").waitFor();
      await t.page.getByRole("button", { name: "Try again" }).click();
      await t.rows().first().waitFor();

      t.stage.mock.api.fail("listFiles", 429, "too_many_requests", "Slow down a little.");
      await t.lookNow();
      await t.page.getByText("Slow down a little.").waitFor();
      await expect.poll(() => t.rows().count()).toBe(50);
      await t.lookNow();
      await t.page.getByText("Slow down a little.").waitFor({ state: "detached" });
    });

    it("waits for the network, and goes on by itself", async () => {
      await t.stage.enter(t.tab);
      await t.rows().first().waitFor();
      await t.tab.context.setOffline(true);
      await t.page.getByText("You are offline").waitFor();
      t.stage.mock.files.add("live/while-away.txt", 10, "text/plain");
      const asked = t.stage.mock.api.asked.length;
      await t.page.waitForTimeout(5_000);
      expect(t.stage.mock.api.asked.length).toBe(asked);
      await t.tab.context.setOffline(false);
      await t.page.getByRole("link", { name: "while-away.txt" }).waitFor();
    });
  });
});
