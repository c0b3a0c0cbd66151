import { describe, expect, it } from "vitest";
import { schemaProblems } from "../../dev/contract.ts";
import { ApiError } from "../../src/api/errors.ts";
import { reasonOf, tooLarge } from "../../src/uploads/reasons.ts";
import { goesInParts, IN_PARTS_FROM, mediaType, tidyFolder, uploadRequest } from "../../src/uploads/request.ts";

describe("a request for an upload", () => {
  it.each([
    ["image/png", "image/png"],
    ["text/plain; charset=utf-8", "text/plain"],
    ["", "application/octet-stream"],
    [undefined, "application/octet-stream"],
    ["not a type", "application/octet-stream"],
    ["application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"],
  ])("has the type %j as %s", (type, sent) => {
    expect(mediaType(type)).toBe(sent);
  });

  it("keeps the paths inside a dropped folder", () => {
    const request = uploadRequest({
      name: "a.pdf",
      size: 3,
      type: "",
      folder: " in / 2026/",
      relativePath: "docs/q3/a.pdf",
    });
    expect(request).toEqual({
      name: "a.pdf",
      size: 3,
      contentType: "application/octet-stream",
      folder: "in/2026/docs/q3",
    });
    expect(schemaProblems("UploadRequest", request)).toEqual([]);
  });

  it("names no folder when there is none", () => {
    const request = uploadRequest({ name: "a", size: 0, type: "text/plain", folder: "", relativePath: null });
    expect(request).not.toHaveProperty("folder");
    expect(schemaProblems("UploadRequest", request)).toEqual([]);
  });

  it("leaves path tricks for the API to refuse", () => {
    expect(tidyFolder("../../etc")).toBe("../../etc");
  });
});

describe("an upload", () => {
  const request = { name: "a.txt", size: 1, contentType: "text/plain", folder: "b" };

  it("is a form up to a size, and goes in parts above it", () => {
    expect(goesInParts({ ...request, size: IN_PARTS_FROM })).toBe(false);
    expect(goesInParts({ ...request, size: IN_PARTS_FROM + 1 })).toBe(true);
  });

  it.each([{ name: "US$.txt" }, { folder: "$$" }, { contentType: "a/$b" }])(
    "goes in parts where S3 would read more into a form: %j",
    (with_) => {
      expect(goesInParts({ ...request, ...with_ })).toBe(true);
    },
  );

  it("without a byte has no parts, and is a form that the API refuses if it has to", () => {
    expect(goesInParts({ ...request, name: "US$.txt", size: 0 })).toBe(false);
  });
});

describe("reasons", () => {
  it("are the API's own words, the bucket's translated, or a plain sentence", () => {
    expect(reasonOf(new ApiError(400, "too_large", "At most 1 GB."))).toBe("At most 1 GB.");
    expect(reasonOf(Object.assign(new Error("S3 returned 400"), { code: "EntityTooLarge", status: 400 }))).toMatch(
      /larger than announced/,
    );
    expect(reasonOf(Object.assign(new Error("S3 returned 418"), { status: 418 }))).toMatch(/\(418\)/);
    expect(reasonOf(new Error("x"))).toMatch(/did not work/);
    expect(tooLarge(2 * 1024 ** 3, 1024)).toBe("This file has 2 GB; at most 1 GB can be uploaded here.");
  });
});
