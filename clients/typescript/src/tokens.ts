/** The pair that signing in gives. A refresh token works once: keep the new pair wherever you kept the old one. */
export interface Tokens {
  access_token: string;
  refresh_token: string;
}

/** Where a pair is kept. The default forgets it with the page; give your own to keep it longer. */
export interface TokenStore {
  get(): Tokens | undefined | Promise<Tokens | undefined>;
  set(tokens: Tokens | undefined): void | Promise<void>;
}

export function memoryStore(tokens?: Tokens): TokenStore {
  let kept = tokens;
  return {
    get: () => kept,
    set: (next) => {
      kept = next;
    },
  };
}
