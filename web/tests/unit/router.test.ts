import { describe, expect, it } from "vitest";
import { filesPath, parseRoute, safeReturn } from "../../src/router.ts";

const id = "0123456789abcdef0123456789abcdef";

describe("paths", () => {
  it.each([
    ["/", "", { view: "home" }],
    ["/files", "", { view: "files", prefix: "", status: "" }],
    ["/files/", "?prefix=a%2Fb%20c", { view: "files", prefix: "a/b c", status: "" }],
    ["/files", "?status=failed", { view: "files", prefix: "", status: "failed" }],
    ["/files", "?status=infected", { view: "files", prefix: "", status: "infected" }],
    ["/files", "?status=removed", { view: "files", prefix: "", status: "" }],
    ["/files", "?status=toString", { view: "files", prefix: "", status: "" }],
    [`/files/${id}`, "", { view: "file", id }],
    ["/overview", "", { view: "overview" }],
    ["/signed-in", "?code=x", { view: "signedIn" }],
    [`/files/${id.toUpperCase()}`, "", { view: "unknown" }],
    ["/files/../secrets", "", { view: "unknown" }],
    ["/elsewhere", "", { view: "unknown" }],
  ])("%s%s", (path, search, route) => {
    expect(parseRoute(path, search)).toEqual(route);
  });

  it("carry search and filter there and back", () => {
    const prefix = "ü & ?#%/+";
    const url = new URL(filesPath(prefix, "failed"), "http://x");
    expect(parseRoute(url.pathname, url.search)).toEqual({ view: "files", prefix, status: "failed" });
  });
});

describe("where to go after signing in", () => {
  it.each([[`/files/${id}`], ["/files?prefix=a"], ["/overview"]])("%s is fine", (path) => {
    expect(safeReturn(path)).toBe(path);
  });
  it.each([
    ["//evil.example"],
    ["/\\evil.example"],
    ["https://evil.example/"],
    ["javascript:alert(1)"],
    ["/signed-in?code=old"],
    [undefined],
    [{}],
  ])("%j leads home", (target) => {
    expect(safeReturn(target)).toBe("/files");
  });
});
