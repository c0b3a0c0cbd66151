// A sign-in page with the manners of a user pool's hosted one: authorize, log in, code for tokens with PKCE, refresh, log out.
import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { readBody, send, sendJson } from "./http.ts";

export const CLIENT_ID = "mock-client";
export const PERSON = "maria@example.com";

interface Grant {
  scope: string;
  expiresAt: number;
}

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c] ?? c);

/** Not a real token: nothing here checks signatures, only the mock itself knows which ones it gave out. */
function idToken(nonce: string | undefined, seconds: number): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const claims = { sub: "0b5c", email: PERSON, iss: "mock", aud: CLIENT_ID, iat: now, exp: now + seconds, nonce };
  return `${part({ alg: "none" })}.${part(claims)}.`;
}

export class SignInPage {
  /** Seconds an access token lives. */
  lifetime = 3600;
  /** Whether refresh tokens are accepted. */
  refreshing = true;
  readonly #grants = new Map<string, Grant>();
  readonly #codes = new Map<string, { challenge: string; redirect: string; scope: string; nonce?: string }>();
  readonly #refresh = new Map<string, string>();

  /** The scopes of a valid token; undefined for any other. */
  scopesOf(authorization: string | undefined): string[] | undefined {
    const grant = this.#grants.get((authorization ?? "").replace(/^Bearer /, ""));
    return grant && grant.expiresAt > Date.now() ? grant.scope.split(" ") : undefined;
  }

  /** Whether this text holds a valid token. */
  knows(text: string): boolean {
    return [...this.#grants].some(([token, grant]) => grant.expiresAt > Date.now() && text.includes(token));
  }

  /** How many refresh tokens are accepted. */
  get renewable(): number {
    return this.#refresh.size;
  }

  /** Expires every access token. */
  expireAll(): void {
    for (const grant of this.#grants.values()) grant.expiresAt = 0;
  }

  async handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> {
    if (url.pathname === "/oauth2/authorize") this.#form(response, url);
    else if (url.pathname === "/login")
      this.#login(response, new URLSearchParams((await readBody(request)).toString()));
    else if (url.pathname === "/oauth2/token") await this.#token(request, response);
    else if (url.pathname === "/oauth2/revoke") {
      this.#refresh.delete(new URLSearchParams((await readBody(request)).toString()).get("token") ?? "");
      send(response, 200, "", { "Access-Control-Allow-Origin": "*" });
    } else if (url.pathname === "/logout")
      send(response, 302, "", { Location: url.searchParams.get("logout_uri") ?? "/" });
    else return false;
    return true;
  }

  #form(response: ServerResponse, url: URL): void {
    const asked = url.searchParams;
    if (asked.get("client_id") !== CLIENT_ID || asked.get("code_challenge_method") !== "S256") {
      return send(response, 400, "invalid request");
    }
    const hidden = ["redirect_uri", "state", "code_challenge", "scope", "nonce"]
      .map((name) => `<input type="hidden" name="${name}" value="${escapeHtml(asked.get(name) ?? "")}">`)
      .join("");
    const page = `<!doctype html><html lang="en"><title>Sign in</title><form method="post" action="/login">${hidden}
      <p>Mock sign-in for ${PERSON}</p><button name="answer" value="yes">Sign in</button>
      <button name="answer" value="no">Refuse</button></form></html>`;
    send(response, 200, page, { "Content-Type": "text/html" });
  }

  #login(response: ServerResponse, form: URLSearchParams): void {
    const back = new URL(form.get("redirect_uri") ?? "");
    back.searchParams.set("state", form.get("state") ?? "");
    if (form.get("answer") === "no") {
      back.searchParams.set("error", "access_denied");
      back.searchParams.set("error_description", "The sign-in was refused.");
    } else {
      const code = randomBytes(16).toString("hex");
      const nonce = form.get("nonce");
      this.#codes.set(code, {
        challenge: form.get("code_challenge") ?? "",
        redirect: form.get("redirect_uri") ?? "",
        scope: form.get("scope") ?? "",
        ...(nonce && { nonce }),
      });
      back.searchParams.set("code", code);
    }
    send(response, 302, "", { Location: back.href });
  }

  async #token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const cors = { "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*" };
    if (request.method === "OPTIONS") return send(response, 204, "", cors);
    const form = new URLSearchParams((await readBody(request)).toString());
    const refused = () => sendJson(response, 400, { error: "invalid_grant" }, cors);
    let scope: string;
    let nonce: string | undefined;
    if (form.get("grant_type") === "refresh_token") {
      const known = this.#refresh.get(form.get("refresh_token") ?? "");
      if (!known || !this.refreshing) return refused();
      scope = known;
    } else {
      const code = this.#codes.get(form.get("code") ?? "");
      this.#codes.delete(form.get("code") ?? "");
      const proof = createHash("sha256")
        .update(form.get("code_verifier") ?? "")
        .digest("base64url");
      if (!code || proof !== code.challenge || form.get("redirect_uri") !== code.redirect) return refused();
      ({ scope, nonce } = code);
    }
    const access = randomBytes(24).toString("base64url");
    this.#grants.set(access, { scope, expiresAt: Date.now() + this.lifetime * 1000 });
    const answer: Record<string, unknown> = {
      access_token: access,
      id_token: idToken(nonce, this.lifetime),
      token_type: "Bearer",
      expires_in: this.lifetime,
    };
    if (form.get("grant_type") !== "refresh_token") {
      const refresh = randomBytes(24).toString("base64url");
      this.#refresh.set(refresh, scope);
      answer.refresh_token = refresh;
    }
    sendJson(response, 200, answer, cors);
  }
}
