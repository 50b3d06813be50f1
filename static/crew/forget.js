/* How does a phone keep no pages of somebody who has signed out? */

/** Take the kept pages off this phone; what waits to be sent stays. */
export async function forgetPages() {
  await window.caches?.delete("crew-pages").catch(() => false);
}
