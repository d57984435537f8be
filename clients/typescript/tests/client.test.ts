import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError, createClient, eachOfPages, eachOfStream, memoryStore } from "../src/index.ts";

const BASE = "https://guildhall.example";
const OLD = { access_token: "old", refresh_token: "r1" };
const NEW = { access_token: "new", refresh_token: "r2" };

/** A site that answers as told, and remembers what it was asked. */
function site(answer: (request: Request) => Response | Promise<Response>) {
  const asked: Request[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    asked.push(request.clone());
    return answer(request);
  };
  return { asked, fetch };
}

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  Response.json(body, { status, headers });

const expiring = (request: Request) => {
  if (new URL(request.url).pathname === "/api/auth/refresh") return json(NEW);
  return request.headers.get("Authorization") === "Bearer new"
    ? json({ balances: [] })
    : json({ detail: "Over.", error_type: "token_not_valid" }, 401);
};

test("an access token that has run out is renewed once, also for calls at the same time", async () => {
  const { asked, fetch } = site(expiring);
  const tokens = memoryStore(OLD);
  const api = createClient({ baseUrl: BASE, tokens, fetch });
  await Promise.all([api.GET("/api/wallet"), api.GET("/api/wallet"), api.GET("/api/wallet")]);
  assert.equal(asked.filter((request) => request.url.endsWith("/refresh")).length, 1);
  assert.deepEqual(await tokens.get(), NEW);
});

test("a call with a body is sent again whole, under the same key", async () => {
  const { asked, fetch } = site(expiring);
  const api = createClient({ baseUrl: BASE, tokens: memoryStore(OLD), fetch });
  await api.POST("/api/transactions/fee", { body: { amount: 100, currency: "usd" } });
  const [first, , second] = asked;
  assert.ok(first && second);
  assert.equal(await second.text(), await first.text());
  assert.equal(second.headers.get("Idempotency-Key"), first.headers.get("Idempotency-Key"));
});

test("a refresh token that is refused signs out", async () => {
  const { fetch } = site(() => json({ detail: "Over.", error_type: "token_not_valid" }, 401));
  const tokens = memoryStore(OLD);
  await assert.rejects(createClient({ baseUrl: BASE, tokens, fetch }).GET("/api/wallet"), { status: 401 });
  assert.equal(await tokens.get(), undefined);
});

test("a refresh that is lost keeps the tokens", async () => {
  const { fetch } = site((request) =>
    request.url.endsWith("/refresh") ? json({}, 503) : json({ detail: "Over.", error_type: "token_not_valid" }, 401),
  );
  const tokens = memoryStore(OLD);
  await assert.rejects(createClient({ baseUrl: BASE, tokens, fetch }).GET("/api/wallet"), { status: 503 });
  assert.deepEqual(await tokens.get(), OLD);
});

test("a key is sent as a key", async () => {
  const { asked, fetch } = site(() => json({ balances: [] }));
  await createClient({ baseUrl: `${BASE}/`, apiKey: "gh_x_y", fetch }).GET("/api/wallet");
  assert.equal(asked[0]?.url, `${BASE}/api/wallet`);
  assert.equal(asked[0]?.headers.get("X-API-Key"), "gh_x_y");
});

test("a refusal says why, where, and how long to wait", async () => {
  const body = { detail: "Too often.", error_type: "throttled", fields: { amount: ["Too large."] } };
  const { fetch } = site(() => json(body, 429, { "Retry-After": "7", "X-Request-ID": "abc" }));
  await assert.rejects(createClient({ baseUrl: BASE, fetch }).GET("/api/skills"), (error) => {
    assert.ok(error instanceof ApiError);
    assert.deepEqual(
      [error.status, error.errorType, error.message, error.fields, error.retryAfter, error.requestId],
      [429, "throttled", "Too often.", { amount: ["Too large."] }, 7, "abc"],
    );
    return true;
  });
});

test("an answer that is no JSON is a refusal all the same", async () => {
  const { fetch } = site(() => new Response("Bad gateway", { status: 502 }));
  await assert.rejects(createClient({ baseUrl: BASE, fetch }).GET("/api/skills"), { status: 502, errorType: "unknown" });
});

test("signing in keeps the pair unless a second factor is asked for, and signing out forgets it", async () => {
  const tokens = memoryStore();
  let answer: unknown = { requires_2fa: true, two_factor_token: "t", access_token: null, refresh_token: null };
  const { asked, fetch } = site((request) =>
    request.url.endsWith("/logout") ? new Response(null, { status: 204 }) : json(answer),
  );
  const api = createClient({ baseUrl: BASE, tokens, fetch });
  assert.equal((await api.signIn("ada@example.com", "pw")).two_factor_token, "t");
  assert.equal(await tokens.get(), undefined);
  answer = { ...OLD, requires_2fa: false };
  await api.signIn("ada@example.com", "pw");
  assert.deepEqual(await tokens.get(), OLD);
  await api.signOut();
  assert.equal(await tokens.get(), undefined);
  assert.deepEqual(await asked.at(-1)?.json(), { refresh_token: "r1" });
});

test("lists are read page after page, streams by their cursor", async () => {
  const pages = eachOfPages(async (page) => ({
    data: { count: 3, next: page < 3 ? "more" : null, results: [page] },
  }));
  assert.deepEqual(await Array.fromAsync(pages), [1, 2, 3]);
  const stream = eachOfStream(async (cursor) => ({
    data: { next: cursor ? null : `${BASE}/api/notifications?cursor=abc`, results: [cursor ?? "first"] },
  }));
  assert.deepEqual(await Array.fromAsync(stream), ["first", "abc"]);
});
