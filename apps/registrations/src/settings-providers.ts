// The OpenID Connect providers that people may sign in with, from the environment.

/** One provider. */
export interface ProviderSettings {
  /** In URLs and in the names of its variables. */
  readonly name: string;
  /** On buttons. */
  readonly label: string;
  readonly issuer: URL;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What need not be said of a provider that everybody knows. */
const KNOWN: Readonly<Record<string, { issuer: string; label: string }>> = {
  google: { issuer: "https://accounts.google.com", label: "Google" },
};

/** Reads `OIDC_PROVIDERS` and each provider's own variables; what is wrong with them is added to `problems`. */
export function readProviders(
  environment: Readonly<Record<string, string | undefined>>,
  problems: string[],
): ProviderSettings[] {
  const names = (environment.OIDC_PROVIDERS ?? "").split(",").filter((name) => name !== "");
  if (new Set(names).size < names.length) problems.push(`OIDC_PROVIDERS names a provider twice: "${names}".`);
  return names.flatMap((name) => {
    if (!/^[a-z][a-z0-9]*$/.test(name)) {
      problems.push(`OIDC_PROVIDERS takes names of lower-case letters and digits. It held "${name}".`);
      return [];
    }
    const prefix = `OIDC_${name.toUpperCase()}`;
    const issuer = environment[`${prefix}_ISSUER`] || KNOWN[name]?.issuer || "";
    const clientId = environment[`${prefix}_CLIENT_ID`] ?? "";
    const clientSecret = environment[`${prefix}_CLIENT_SECRET`] ?? "";
    const before = problems.length;
    if (!isIssuer(issuer)) problems.push(`${prefix}_ISSUER must be an https URL. It was "${issuer}".`);
    if (clientId === "") problems.push(`${prefix}_CLIENT_ID is missing. The provider gives it to you.`);
    if (clientSecret === "")
      problems.push(`${prefix}_CLIENT_SECRET is missing. The provider gives it to you.`);
    if (problems.length > before) return [];
    const label = environment[`${prefix}_LABEL`] || KNOWN[name]?.label || name;
    return [{ name, label, issuer: new URL(issuer), clientId, clientSecret }];
  });
}

/** HTTPS; or plain HTTP on this machine, where nobody can listen in. */
function isIssuer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return (
    protocol === "https:" || (protocol === "http:" && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(hostname))
  );
}
