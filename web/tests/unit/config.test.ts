import { describe, expect, it } from "vitest";
import { parseConfig } from "../../src/config.ts";

const good = {
  apiUrl: "/v1/",
  region: "eu-west-1",
  maxUploadMegabytes: 1024,
  signIn: {
    clientId: "abc",
    authorizeUrl: "https://sign-in.example.com/oauth2/authorize",
    tokenUrl: "https://sign-in.example.com/oauth2/token",
    logoutUrl: "https://sign-in.example.com/logout",
  },
};

describe("config.json", () => {
  it("is read", () => {
    expect(parseConfig(good)).toEqual({ ...good, apiUrl: "/v1" });
  });

  it("may name more", () => {
    const signIn = {
      ...good.signIn,
      authority: "https://issuer",
      redirectUri: "https://page/signed-in",
      scopes: ["openid"],
    };
    expect(parseConfig({ ...good, signIn }).signIn).toEqual(signIn);
  });

  it("may have no uploads", () => {
    expect(parseConfig({ ...good, maxUploadMegabytes: 0 }).maxUploadMegabytes).toBe(0);
  });

  it.each([
    ["is not an object", null],
    ["signIn is missing", { ...good, signIn: undefined }],
    ["apiUrl must be a text", { ...good, apiUrl: 1 }],
    ["region must be a text", { ...good, region: "" }],
    ["maxUploadMegabytes must be a number", { ...good, maxUploadMegabytes: "1024" }],
    ["signIn.clientId must be a text", { ...good, signIn: { ...good.signIn, clientId: undefined } }],
    [
      "signIn.tokenUrl must be an http(s) URL",
      { ...good, signIn: { ...good.signIn, tokenUrl: "javascript:alert(1)" } },
    ],
    ["signIn.scopes must be a list", { ...good, signIn: { ...good.signIn, scopes: "openid" } }],
  ])("says when something %s", (message, config) => {
    expect(() => parseConfig(config)).toThrow(message);
  });
});
