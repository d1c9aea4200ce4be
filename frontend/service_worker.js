// Keeps the page's files, so that the page opens without a network after the first visit, and asks
// for none of them twice. It knows nothing of models and answers: those are kept by the page itself,
// in the browser's file storage, and what servers say is never kept.

// The build writes which build this is and what its files are; all names but the page's own carry
// hashes of what is in them.
const VERSION = "";
const FILES = [];

const base = new URL("./", self.location).pathname;
const ours = `fathom ${base} `;
const kept = ours + VERSION;

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(kept);
    await Promise.all(FILES.map(async (name) => {
      // What an earlier version keeps under the same name is the same.
      const held = await caches.match(base + name, { ignoreVary: true });
      await (held ? cache.put(base + name, held) : cache.add(base + name));
    }));
    // The page itself comes last: with it the version is whole.
    await cache.add(new Request(base, { cache: "no-cache" }));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const versions = (await caches.keys()).filter((name) => name.startsWith(ours) && name !== kept);
    // Tabs may still show the version before this one, and ask for its files.
    await Promise.all(versions.slice(0, -1).map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin || !url.pathname.startsWith(base)) return;
  const path = url.pathname.slice(base.length);
  if (/^(api|v1)(\/|$)/.test(path)) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (isHashed(path)) event.respondWith(file(request));
});

// The newest page there is: the network's, or the one that is kept. Every address of the page is the
// same file; a host of plain files that does not know them says that they are missing.
async function page(request) {
  const last = async () => (await caches.open(kept)).match(base, { ignoreVary: true });
  try {
    const response = await fetch(request);
    return response.ok ? response : (await last()) ?? response;
  } catch (error) {
    const held = await last();
    if (held) return held;
    throw error;
  }
}

async function file(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

function isHashed(path) {
  return /(^|[^0-9a-z])[0-9a-f]{16,}([^0-9a-z]|$)/i.test(path);
}
