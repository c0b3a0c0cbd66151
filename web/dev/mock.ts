// Every service of the page in one process: the API on the page's own origin, sign-in and bucket on another, as deployed.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { MockApi } from "./api.ts";
import { Bucket } from "./bucket.ts";
import { Files, REGION } from "./files.ts";
import { send, sendJson } from "./http.ts";
import { securityHeaders } from "./security-headers.ts";
import { CLIENT_ID, SignInPage } from "./sign-in.ts";

export class Mock {
  readonly files = new Files();
  readonly bucket = new Bucket(this.files);
  readonly signIn = new SignInPage();
  readonly api = new MockApi(this.files, this.bucket, this.signIn, () => this.origin);
  /** Replaces config.json, for pages that are deployed wrongly. */
  config: unknown;
  origin = "";
  #server: Server | undefined;

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      this.#cloud(request, response).catch((thrown) => send(response, 500, String(thrown)));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.#server = server;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve) ?? resolve(undefined));
  }

  headers(): Record<string, string> {
    return securityHeaders([this.origin]);
  }

  /** Handles requests to the page's own origin other than its files. Returns whether it did. */
  async site(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const url = new URL(request.url ?? "/", "http://page");
    if (url.pathname === "/config.json") sendJson(response, 200, this.config ?? this.#config());
    else if (url.pathname.startsWith("/v1/")) await this.api.handle(request, response, url);
    else return false;
    return true;
  }

  async #cloud(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://cloud");
    if (await this.signIn.handle(request, response, url)) return;
    if (await this.bucket.handle(request, response, url)) return;
    send(response, 404, "nothing here");
  }

  #config(): unknown {
    return {
      apiUrl: "/v1",
      region: REGION,
      maxUploadMegabytes: this.api.maxUploadMegabytes,
      signIn: {
        clientId: CLIENT_ID,
        authorizeUrl: `${this.origin}/oauth2/authorize`,
        tokenUrl: `${this.origin}/oauth2/token`,
        logoutUrl: `${this.origin}/logout`,
      },
    };
  }
}
