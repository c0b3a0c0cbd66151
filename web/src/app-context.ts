import type { Api } from "./api/client";
import type { Config } from "./config";
import type { SignIn } from "./session/session";
import type { Uploads } from "./uploads/uploads";

/** What views work with, put together once in main. */
export interface App {
  config: Config;
  api: Api;
  signIn: SignIn;
  uploads: Uploads;
}
