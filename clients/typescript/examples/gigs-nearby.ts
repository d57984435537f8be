/** Prints open gigs around a place, with a key: `GUILDHALL_URL=… GUILDHALL_KEY=… node examples/gigs-nearby.ts` */
import { ApiError, createClient, eachOfPages } from "../src/index.ts";

const api = createClient({
  baseUrl: process.env.GUILDHALL_URL ?? "http://127.0.0.1:8000",
  ...(process.env.GUILDHALL_KEY ? { apiKey: process.env.GUILDHALL_KEY } : {}),
});

try {
  const gigs = eachOfPages((page) =>
    api.GET("/api/gigs", { params: { query: { lat: 51.0543, lng: 3.7174, radius_km: 20, page } } }),
  );
  for await (const gig of gigs) {
    console.log(`${gig.title}: ${gig.budget} ${gig.currency}`);
  }
} catch (error) {
  if (!(error instanceof ApiError)) throw error;
  console.error(`${error.errorType}: ${error.message}`);
}
