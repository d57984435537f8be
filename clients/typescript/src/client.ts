import createFetchClient, { type Client, type Middleware } from "openapi-fetch";

import { ApiError } from "./errors.ts";
import type { paths } from "./schema.ts";
import { memoryStore, type TokenStore, type Tokens } from "./tokens.ts";

export interface Options {
  /** The site, such as "https://guildhall.example". */
  baseUrl: string;
  /** A key for programs. Instead of tokens. */
  apiKey?: string;
  /** Where the tokens of a person are kept; in memory if not given. */
  tokens?: TokenStore;
  /** Instead of the global one. */
  fetch?: (request: Request) => Promise<Response>;
}

export type Guildhall = Client<paths> & {
  /** Sign in and keep the tokens. With two factors on: `requires_2fa`, and nothing is kept yet. */
  signIn(email: string, password: string): Promise<{ requires_2fa: boolean; two_factor_token?: string }>;
  /** End the session and forget the tokens. */
  signOut(): Promise<void>;
};

const CREATES = new Set(["POST"]);
const REFRESH = "/api/auth/refresh";

/** Calls that are refused throw an ApiError; `data` of the others is what the description says. */
export function createClient(options: Options): Guildhall {
  const store = options.tokens ?? memoryStore();
  const send = options.fetch ?? ((request: Request) => globalThis.fetch(request));
  const address = (path: string) => new URL(path, options.baseUrl).href;
  let refreshing: Promise<Tokens | undefined> | undefined;

  /** One refresh at a time: its token works once, so calls that fail together wait for the same new pair. */
  const refresh = (stale: string): Promise<Tokens | undefined> => {
    refreshing ??= renew(stale).finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  };

  const renew = async (stale: string): Promise<Tokens | undefined> => {
    const kept = await store.get();
    if (!kept || kept.access_token !== stale) return kept; // somebody was quicker, or signed out
    const response = await send(post(REFRESH, { refresh_token: kept.refresh_token }));
    if (response.status >= 500 || response.status === 429) throw ApiError.of(response, await bodyOf(response));
    const pair = response.ok ? ((await response.json()) as Tokens) : undefined;
    await store.set(pair);
    return pair;
  };

  const post = (path: string, body: unknown): Request =>
    new Request(address(path), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });

  /** With the caller's proof; once more with a new token when the old one has run out. */
  const signed = async (request: Request): Promise<Response> => {
    if (options.apiKey) {
      request.headers.set("X-API-Key", options.apiKey);
      return send(request);
    }
    const tokens = await store.get();
    if (!tokens) return send(request);
    const again = request.clone();
    request.headers.set("Authorization", `Bearer ${tokens.access_token}`);
    const response = await send(request);
    if (response.status !== 401) return response;
    const renewed = await refresh(tokens.access_token);
    if (!renewed) return response;
    again.headers.set("Authorization", `Bearer ${renewed.access_token}`);
    return send(again);
  };

  const client = createFetchClient<paths>({ baseUrl: options.baseUrl.replace(/\/$/, ""), fetch: signed });
  client.use(idempotency, refusals);

  return Object.assign(client, {
    async signIn(email: string, password: string) {
      const response = await send(post("/api/auth/login", { email, password }));
      const body = await bodyOf(response);
      if (!response.ok) throw ApiError.of(response, body);
      const answer = body as Tokens & { requires_2fa: boolean; two_factor_token?: string };
      if (!answer.requires_2fa) {
        await store.set({ access_token: answer.access_token, refresh_token: answer.refresh_token });
      }
      return answer;
    },
    async signOut() {
      const kept = await store.get();
      if (kept) await send(post("/api/auth/logout", { refresh_token: kept.refresh_token }));
      await store.set(undefined);
    },
  });
}

/** A key for every creating call, so that one that is sent again after a lost answer has no second effect. */
const idempotency: Middleware = {
  onRequest({ request }) {
    if (CREATES.has(request.method) && !request.headers.has("Idempotency-Key")) {
      request.headers.set("Idempotency-Key", crypto.randomUUID());
    }
    return request;
  },
};

const refusals: Middleware = {
  async onResponse({ response }) {
    if (!response.ok) throw ApiError.of(response, await bodyOf(response));
    return response;
  },
};

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.clone().json();
  } catch {
    return undefined;
  }
}
