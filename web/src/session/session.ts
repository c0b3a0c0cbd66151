// Who is signed in. Code + PKCE at the user pool's sign-in page; tokens are stored in this tab's sessionStorage only.
import { signal } from "@preact/signals";
import { ErrorResponse, type User, UserManager, WebStorageStateStore } from "oidc-client-ts";
import type { Tokens } from "../api/client";
import { unreachable } from "../api/errors";
import type { Config } from "../config";
import { safeReturn } from "../router";

export type Session =
  | { state: "starting" }
  | { state: "out"; why?: "expired" | "left" | "failed"; detail?: string }
  | { state: "in"; name: string };

export const session = signal<Session>({ state: "starting" });

/** Renew before the expiry, so that no token expires while a request is on its way. */
const EARLY_SECONDS = 60;

export class SignIn implements Tokens {
  readonly #manager: UserManager;
  readonly #config: Config["signIn"];
  #renewal: Promise<User | null> | undefined;

  constructor(config: Config["signIn"]) {
    const { authorizeUrl, tokenUrl, logoutUrl } = config;
    const authority = config.authority ?? new URL(authorizeUrl).origin;
    this.#config = config;
    this.#manager = new UserManager({
      authority,
      // Named one by one: an issuer's discovery document may be out of a browser's reach.
      metadata: {
        issuer: authority,
        authorization_endpoint: authorizeUrl,
        token_endpoint: tokenUrl,
        end_session_endpoint: logoutUrl,
      },
      client_id: config.clientId,
      redirect_uri: config.redirectUri ?? `${location.origin}/signed-in`,
      response_type: "code",
      scope: (config.scopes ?? ["openid", "email", "files/read", "files/write"]).join(" "),
      userStore: new WebStorageStateStore({ store: window.sessionStorage }),
      stateStore: new WebStorageStateStore({ store: window.sessionStorage }),
      // Renewed when a token is asked for, not by a timer: a laptop that slept has missed its timers anyway.
      automaticSilentRenew: false,
      monitorSession: false,
      loadUserInfo: false,
    });
  }

  /** Restores the session that this tab has stored. */
  async resume(): Promise<void> {
    const user = await this.#manager.getUser();
    if (!user) {
      session.value = { state: "out" };
      return;
    }
    try {
      if (await this.#usable(user)) this.#enter(user);
    } catch {
      // No network: the session stays. The views report that they cannot load, and retry.
      this.#enter(user);
    }
  }

  /** Completes the sign-in. Returns the path the person asked for. */
  async finish(): Promise<string> {
    try {
      const user = await this.#manager.signinRedirectCallback();
      this.#enter(user);
      return safeReturn((user.state as { returnTo?: unknown } | undefined)?.returnTo);
    } catch (thrown) {
      // The callback was opened again, from the history or by a reload: its code is used up, the session is not.
      await this.resume();
      if (session.value.state === "in") return "/files";
      // A refusal, or another tab's callback: start over.
      session.value = { state: "out", why: "failed", detail: thrown instanceof Error ? thrown.message : "" };
      return "/";
    }
  }

  async start(returnTo: string): Promise<void> {
    await this.#manager.clearStaleState();
    await this.#manager.signinRedirect({ state: { returnTo } });
  }

  async leave(): Promise<void> {
    const user = await this.#manager.getUser();
    if (user?.refresh_token) this.#revoke(user.refresh_token);
    await this.#manager.removeUser();
    session.value = { state: "out", why: "left" };
    // The pool's logout endpoint has its own parameters, not OpenID Connect's.
    const url = new URL(this.#config.logoutUrl);
    url.searchParams.set("client_id", this.#config.clientId);
    url.searchParams.set("logout_uri", this.#config.signedOutUri ?? `${location.origin}/`);
    location.assign(url);
  }

  /** Sent beside the way out, which does not wait for it: without a network the tab forgets its tokens all the same. */
  #revoke(token: string): void {
    const body = new URLSearchParams({ token, client_id: this.#config.clientId });
    const url = new URL("revoke", this.#config.tokenUrl);
    void fetch(url, { method: "POST", body, keepalive: true, credentials: "omit" }).catch(() => undefined);
  }

  async current(): Promise<string | undefined> {
    const user = await this.#manager.getUser();
    if (!user) return undefined;
    return (await this.#usable(user))?.access_token;
  }

  async replace(refused: string): Promise<string | undefined> {
    const user = await this.#manager.getUser();
    // Another request has renewed it in the meantime.
    if (user && user.access_token !== refused) return user.access_token;
    return (await this.#renew(user))?.access_token;
  }

  ended(): void {
    if (session.value.state !== "in") return;
    session.value = { state: "out", why: "expired" };
    void this.#manager.removeUser();
  }

  async #usable(user: User): Promise<User | null> {
    if ((user.expires_in ?? 0) > EARLY_SECONDS) return user;
    const renewed = await this.#renew(user).catch((thrown: unknown) => {
      // The old token is still valid.
      if (user.expired) throw thrown;
      return user;
    });
    if (renewed) return renewed;
    session.value = { state: "out", why: "expired" };
    void this.#manager.removeUser();
    return null;
  }

  /** Null: no newer token is available. Throws when the token endpoint is unreachable. */
  #renew(user: User | null): Promise<User | null> {
    // Without a refresh token the library would try a hidden frame, which the page's policy forbids.
    if (!user?.refresh_token) return Promise.resolve(null);
    this.#renewal ??= this.#manager
      .signinSilent()
      .catch((thrown: unknown) => {
        if (thrown instanceof ErrorResponse) return null;
        throw unreachable();
      })
      .finally(() => {
        this.#renewal = undefined;
      });
    return this.#renewal;
  }

  #enter(user: User): void {
    const { email, name, sub } = user.profile;
    const pool = user.profile["cognito:username"];
    session.value = { state: "in", name: email ?? name ?? (typeof pool === "string" ? pool : sub) };
  }
}
