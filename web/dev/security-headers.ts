// The headers that the deployed site carries, so that what works here works there. `origins`: the sign-in page's, for its
// token endpoint, and the bucket's, for uploads and previews. (Downloads and the sign-in page itself are navigations.)

function contentSecurityPolicy(origins: string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' ${origins.join(" ")}`,
    `connect-src 'self' ${origins.join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

export function securityHeaders(origins: string[]): Record<string, string> {
  return {
    "Content-Security-Policy": contentSecurityPolicy(origins),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
  };
}
