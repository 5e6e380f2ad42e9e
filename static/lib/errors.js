// @ts-check
// A refusal or a failure with the name that the server's table gives it; the pages translate by name (`error-<name>`).

/** @typedef {import("../../schemas/generated/messages").ErrorName | "offline"} Name `offline`: no answer came at all */

export class ApiError extends Error {
  /**
   * @param {string} name @param {{ detail?: string, status?: number, temporary?: boolean, retryAfterMs?: number | null,
   *   extra?: Record<string, unknown> }} [facts]
   */
  constructor(name, facts = {}) {
    super(facts.detail || name);
    this.name = name;
    this.status = facts.status ?? 0;
    this.temporary = facts.temporary ?? false;
    this.retryAfterMs = facts.retryAfterMs ?? null;
    /** Extension members of the problem, for example `available`. */
    this.extra = facts.extra ?? {};
  }
}

/** Nobody answered: the network is down, or the server is. */
export const offline = () => new ApiError("offline", { temporary: true });

/**
 * The error that a problem+json body describes (RFC 9457); its type is `/problems#<name>`.
 * @param {number} status @param {unknown} body @param {string | null} retryAfter value of the Retry-After header, in seconds
 */
export function problemError(status, body, retryAfter = null) {
  const problem = /** @type {Record<string, unknown>} */ (body && typeof body === "object" ? body : {});
  const [, name] = String(problem.type ?? "").split("#");
  const seconds = retryAfter === null ? NaN : Number(retryAfter);
  return new ApiError(name || (status >= 500 ? "unavailable" : "malformed"), {
    detail: String(problem.detail ?? problem.title ?? ""),
    status,
    temporary: status >= 500 || status === 429 || problem.temporary === true,
    retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : null,
    extra: problem,
  });
}

/** Whatever was thrown, as an ApiError. @param {unknown} error */
export function asApiError(error) {
  if (error instanceof ApiError) return error;
  console.error(error);
  return new ApiError("internal", { detail: String(error) });
}
