/** What the API says when it refuses: one sentence, a stable code, and where input was wrong. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  readonly status: number;
  readonly errorType: string;
  readonly fields: Readonly<Record<string, string[]>>;
  /** Seconds to wait, of a 429. */
  readonly retryAfter: number | undefined;
  /** Name it when you ask for help. */
  readonly requestId: string | undefined;

  constructor(
    status: number,
    errorType: string,
    detail: string,
    fields: Record<string, string[]> = {},
    retryAfter?: number,
    requestId?: string,
  ) {
    super(detail);
    this.status = status;
    this.errorType = errorType;
    this.fields = fields;
    this.retryAfter = retryAfter;
    this.requestId = requestId;
  }

  static of(response: Response, body: unknown): ApiError {
    const said = (typeof body === "object" && body !== null ? body : {}) as {
      detail?: string;
      error_type?: string;
      fields?: Record<string, string[]>;
    };
    const wait = Number(response.headers.get("Retry-After"));
    return new ApiError(
      response.status,
      said.error_type ?? "unknown",
      said.detail ?? `The server answered ${response.status}.`,
      said.fields,
      wait > 0 ? wait : undefined,
      response.headers.get("X-Request-ID") ?? undefined,
    );
  }
}
