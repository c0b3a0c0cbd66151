import { afterEach, describe, expect, it, vi } from "vitest";
import { Api, type Tokens } from "../../src/api/client.ts";
import { ApiError, canRetry, errorFrom, unreachable } from "../../src/api/errors.ts";

afterEach(() => vi.unstubAllGlobals());

function answers(...responses: (Response | Error)[]) {
  const fetched = vi.fn(async (_url: string, _init: RequestInit) => {
    const next = responses.shift();
    if (!next || next instanceof Error) throw next ?? new Error("nothing left to answer");
    return next;
  });
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

function tokens(change: Partial<Tokens> = {}) {
  return { current: async () => "old", replace: async () => "new", ...change, ended: vi.fn<() => void>() };
}

const refused = (status: number, code: string, message: string) =>
  Response.json({ error: { code, message } }, { status });

const brokenOff = (why: unknown) =>
  new Response(new ReadableStream({ start: (stream) => stream.error(why) }), { status: 200 });

describe("calls", () => {
  it("carry the token and the query, and no cookies, and are not answered from a cache", async () => {
    const fetched = answers(Response.json({ files: [] }));
    await new Api("/v1", tokens()).listFiles({ limit: 50, prefix: "a b&c" });
    const [url, init] = fetched.mock.calls[0] ?? [];
    expect(url).toBe("/v1/files?limit=50&prefix=a+b%26c");
    expect(init?.headers).toMatchObject({ Authorization: "Bearer old" });
    expect(init?.credentials).toBe("omit");
    expect(init?.cache).toBe("no-store");
  });

  it("are repeated once with a newer token", async () => {
    const fetched = answers(refused(401, "unauthorized", "expired"), Response.json({ files: [] }));
    const given = tokens();
    await new Api("/v1", given).listFiles({});
    expect(fetched.mock.calls[1]?.[1].headers).toMatchObject({ Authorization: "Bearer new" });
    expect(given.ended).not.toHaveBeenCalled();
  });

  it("end the session when no newer token is to be had", async () => {
    answers(refused(401, "unauthorized", "expired"));
    const given = tokens({ replace: async () => undefined });
    await expect(new Api("/v1", given).readStats()).rejects.toMatchObject({ status: 401 });
    expect(given.ended).toHaveBeenCalledOnce();
  });

  it("report what is refused to the person, and not the question what that person may do", async () => {
    answers(refused(403, "forbidden", "You may not delete."), refused(403, "forbidden", "No scope."));
    const api = new Api("/v1", tokens());
    const onForbidden = vi.fn<() => void>();
    api.onForbidden = onForbidden;
    await expect(api.deleteFile("x")).rejects.toMatchObject({ status: 403, message: "You may not delete." });
    expect(onForbidden).toHaveBeenCalledOnce();
    await expect(api.getMe()).rejects.toMatchObject({ status: 403 });
    expect(onForbidden).toHaveBeenCalledOnce();
  });

  it("do not leave without a token", async () => {
    const fetched = answers();
    await expect(new Api("/v1", tokens({ current: async () => undefined })).readStats()).rejects.toBeInstanceOf(
      ApiError,
    );
    expect(fetched).not.toHaveBeenCalled();
  });

  it("distinguish an unreachable service from a refusal", async () => {
    answers(new TypeError("Failed to fetch"));
    await expect(new Api("/v1", tokens()).getFile("a")).rejects.toMatchObject({ status: 0, unreachable: true });
    answers(refused(410, "gone", "The file was removed."));
    await expect(new Api("/v1", tokens()).downloadFile("a")).rejects.toMatchObject({
      status: 410,
      message: "The file was removed.",
    });
  });

  it("report a response that breaks off as an unreachable service", async () => {
    answers(brokenOff(new TypeError("network error")));
    await expect(new Api("/v1", tokens()).readStats()).rejects.toMatchObject({ unreachable: true });
  });

  it("report an aborted request as aborted", async () => {
    const leaving = new AbortController();
    leaving.abort();
    answers(brokenOff(leaving.signal.reason));
    await expect(new Api("/v1", tokens()).readStats(leaving.signal)).rejects.toMatchObject({ name: "AbortError" });
  });

  it("refuse HTML as a response", async () => {
    answers(new Response("<!doctype html>", { status: 200 }));
    await expect(new Api("/v1", tokens()).readStats()).rejects.toMatchObject({ code: "not_json" });
  });

  it("need no body after a deletion", async () => {
    answers(new Response(null, { status: 204 }));
    await expect(new Api("/v1", tokens()).deleteFile("a")).resolves.toBeUndefined();
  });
});

describe("errors", () => {
  it("that time may cure can be retried, and refusals cannot", () => {
    const passing = [errorFrom(401, null), errorFrom(429, null), errorFrom(503, null), unreachable(), new Error("?")];
    expect(passing.filter((error) => !canRetry(error))).toEqual([]);
    expect([400, 403, 404, 409, 410, 413].filter((status) => canRetry(errorFrom(status, null)))).toEqual([]);
  });

  it("have a message even where the response has none", () => {
    expect(errorFrom(502, null).message).toMatch(/did not answer in time/);
    expect(errorFrom(429, { message: "Limit Exceeded" }).message).toMatch(/Too many requests/);
    expect(errorFrom(418, { error: "teapot" })).toMatchObject({
      code: "http_418",
      message: "The request was refused (418).",
    });
  });
});
