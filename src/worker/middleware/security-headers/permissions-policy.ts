/** Origins that may use a feature, by feature: a list, or "*" for all. */
export type PermissionsPolicy = Readonly<
  Record<string, readonly ("self" | "src" | (string & {}))[] | "*">
>;

const FEATURE = /^[a-z][a-z0-9-]*$/;
const ORIGIN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/**
 * Formats the value of `Permissions-Policy`, a dictionary of RFC 9651:
 *
 *     { camera: [], geolocation: ["self"], fullscreen: "*" }
 *     camera=(), geolocation=(self), fullscreen=*
 *
 * @throws TypeError for an invalid feature or origin
 */
export function permissionsPolicyField(policy: PermissionsPolicy): string {
  const members = Object.entries(policy).map(([feature, allowed]) => {
    if (!FEATURE.test(feature)) {
      throw wrong(`"${feature}" is no feature: "display-capture" would be one`);
    }
    if (allowed === "*") return `${feature}=*`;
    if (!Array.isArray(allowed)) {
      throw wrong(`${feature} must be "*" or an array of origins`);
    }
    const list = allowed.map((one) => memberOf(feature, one));
    return `${feature}=(${list.join(" ")})`;
  });
  return members.join(", ");
}

function memberOf(feature: string, allowed: unknown): string {
  if (allowed === "self" || allowed === "src") return allowed;
  if (typeof allowed === "string" && ORIGIN.test(allowed)) {
    return `"${allowed}"`;
  }
  const text = JSON.stringify(allowed);
  throw wrong(`${text} of ${feature} is neither "self", "src" nor an origin`);
}

function wrong(why: string): TypeError {
  return new TypeError(`option permissionsPolicy of securityHeaders(): ${why}`);
}
