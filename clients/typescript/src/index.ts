export { createClient, type Guildhall, type Options } from "./client.ts";
export { ApiError } from "./errors.ts";
export { eachOfPages, eachOfStream, type Page, type Slice } from "./lists.ts";
export type { components, operations, paths } from "./schema.ts";
export { memoryStore, type Tokens, type TokenStore } from "./tokens.ts";
