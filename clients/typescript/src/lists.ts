/** A list that counts: `page` and `page_size`. */
export interface Page<Row> {
  count: number;
  next?: string | null;
  results: Row[];
}

/** A stream: `cursor`, which only its own `next` tells. */
export interface Slice<Row> {
  next?: string | null;
  results: Row[];
}

interface Answer<Data> {
  data?: Data;
}

/** Every row of a list, page after page: `for await (const gig of eachOfPages((page) => api.GET(..., {params: {query: {page}}})))`. */
export async function* eachOfPages<Row>(
  read: (page: number) => Promise<Answer<Page<Row>>>,
): AsyncGenerator<Row, void, undefined> {
  for (let page = 1; ; page += 1) {
    const { data } = await read(page);
    if (!data) return;
    yield* data.results;
    if (!data.next) return;
  }
}

/** Every row of a stream, from the newest: messages, notifications, wallet entries. */
export async function* eachOfStream<Row>(
  read: (cursor: string | undefined) => Promise<Answer<Slice<Row>>>,
): AsyncGenerator<Row, void, undefined> {
  let cursor: string | undefined;
  do {
    const { data } = await read(cursor);
    if (!data) return;
    yield* data.results;
    cursor = data.next ? (new URL(data.next).searchParams.get("cursor") ?? undefined) : undefined;
  } while (cursor);
}
