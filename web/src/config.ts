// The deployment's settings. /config.json is written beside the built files at deployment; the build holds nothing of a
// deployment, so one build serves all of them.

export interface SignInConfig {
  /** The user pool's client: public, code + PKCE, no secret. */
  clientId: string;
  /** Where people sign in: https://<domain>/oauth2/authorize */
  authorizeUrl: string;
  /** Where codes and refresh tokens become access tokens: https://<domain>/oauth2/token */
  tokenUrl: string;
  /** Where the sign-in page's own session ends: https://<domain>/logout */
  logoutUrl: string;
  /** The issuer. Only a name here: endpoints are given above, so nothing is looked up there. */
  authority?: string;
  /** Registered with the client. Default: this page's origin + /signed-in */
  redirectUri?: string;
  /** Registered with the client. Default: this page's origin + / */
  signedOutUri?: string;
  /** Default: openid email files/read files/write */
  scopes?: string[];
}

export interface Config {
  /** Where the API is: a path on this origin ("/v1") or a URL. */
  apiUrl: string;
  /** The primary region: uploads go there. */
  region: string;
  /** Zero where there is no bucket for uploads. */
  maxUploadMegabytes: number;
  signIn: SignInConfig;
}

class ConfigError extends Error {}

function text(holder: Record<string, unknown>, name: string, where = name): string {
  const value = holder[name];
  if (typeof value !== "string" || value === "") throw new ConfigError(`config.json: ${where} must be a text`);
  return value;
}

function optionalText(holder: Record<string, unknown>, name: string, where: string): string | undefined {
  return holder[name] === undefined ? undefined : text(holder, name, where);
}

/** Sign-in endpoints are followed by the browser with what identifies a person: only http(s) will do. */
function endpoint(holder: Record<string, unknown>, name: string): string {
  const value = text(holder, name, `signIn.${name}`);
  if (!/^https?:\/\//.test(value)) throw new ConfigError(`config.json: signIn.${name} must be an http(s) URL`);
  return value;
}

export function parseConfig(given: unknown): Config {
  if (typeof given !== "object" || given === null) throw new ConfigError("config.json is not an object");
  const top = given as Record<string, unknown>;
  if (typeof top.signIn !== "object" || top.signIn === null) throw new ConfigError("config.json: signIn is missing");
  const signIn = top.signIn as Record<string, unknown>;
  const max = top.maxUploadMegabytes;
  if (typeof max !== "number" || !(max >= 0)) {
    throw new ConfigError("config.json: maxUploadMegabytes must be a number, zero or above");
  }
  const scopes = signIn.scopes;
  if (scopes !== undefined && !(Array.isArray(scopes) && scopes.every((scope) => typeof scope === "string"))) {
    throw new ConfigError("config.json: signIn.scopes must be a list of texts");
  }
  const authority = optionalText(signIn, "authority", "signIn.authority");
  const redirectUri = optionalText(signIn, "redirectUri", "signIn.redirectUri");
  const signedOutUri = optionalText(signIn, "signedOutUri", "signIn.signedOutUri");
  return {
    apiUrl: text(top, "apiUrl").replace(/\/+$/, ""),
    region: text(top, "region"),
    maxUploadMegabytes: max,
    signIn: {
      clientId: text(signIn, "clientId", "signIn.clientId"),
      authorizeUrl: endpoint(signIn, "authorizeUrl"),
      tokenUrl: endpoint(signIn, "tokenUrl"),
      logoutUrl: endpoint(signIn, "logoutUrl"),
      ...(authority && { authority }),
      ...(redirectUri && { redirectUri }),
      ...(signedOutUri && { signedOutUri }),
      ...(scopes && { scopes: scopes as string[] }),
    },
  };
}

export async function loadConfig(): Promise<Config> {
  const response = await fetch("/config.json", { cache: "no-cache" });
  if (!response.ok) throw new ConfigError(`config.json could not be read (${response.status})`);
  let given: unknown;
  try {
    given = await response.json();
  } catch {
    // A site that answers every unknown path with its page answers this one with it too.
    throw new ConfigError("config.json is missing: the site was deployed without it");
  }
  return parseConfig(given);
}
