// Opens a desk's page again while there is no connection. It keeps nothing else, for a day at most,
// and forgets it when somebody signs in or out: phones are shared. With it go the names that
// check-in.js keeps there, of those whom unsent ticks are about.
const CACHE = "check-in";
const DESK = /^\/offices\/[^/]+\/events\/[^/]+\/check-in$/;
const FILE = /^\/(bootstrap\/)?static\//;
const SIGNS = /^\/(sign-in|sign-out|(confirm|invitations|nominations)\/[^/]+|my\/settings\/(sign-out-everywhere|delete))$/;
const DAY = 24 * 60 * 60 * 1000;
const PATIENCE = 5000;

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST" && SIGNS.test(url.pathname)) {
    event.waitUntil(caches.delete(CACHE));
  } else if (request.method !== "GET") {
    return;
  } else if (request.mode === "navigate" && DESK.test(url.pathname)) {
    event.respondWith(desk(event, url));
  } else if (FILE.test(url.pathname) && isOfDesk(request)) {
    event.respondWith(file(request));
  }
});

function isOfDesk(request) {
  if (!request.referrer) return false;
  const from = new URL(request.referrer).pathname;
  return DESK.test(from) || FILE.test(from);
}

async function file(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(request)) ?? Response.error();
  }
}

async function desk(event, url) {
  const cache = await caches.open(CACHE);
  const kept = await keptPage(cache, url);
  const asked = fetch(event.request).then((answer) => (keep(event, cache, url, answer), answer));
  if (!kept) return asked;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, kept));
  const answered = asked.then((answer) => (answer.status < 500 ? answer : kept)).catch(() => kept);
  return Promise.race([answered, late]);
}

// A page is kept by its session alone: searches and undos are not worth keeping.
function nameOf(url) {
  const session = url.searchParams.get("session");
  return url.pathname + (session ? `?session=${session}` : "");
}

function keep(event, cache, url, answer) {
  const name = nameOf(url);
  if (answer.ok) event.waitUntil(cache.put(name, answer.clone()));
  else if (answer.status < 500) event.waitUntil(cache.delete(name)); // signed out, or not theirs
}

async function keptPage(cache, url) {
  await forgetOld(cache);
  const exact = await cache.match(nameOf(url));
  return exact ?? (url.searchParams.has("session") ? undefined : anyOf(cache, url));
}

const anyOf = (cache, url) => cache.match(url.pathname, { ignoreSearch: true });

async function forgetOld(cache) {
  for (const request of await cache.keys()) {
    if (!DESK.test(new URL(request.url).pathname)) continue;
    const answer = await cache.match(request);
    const age = Date.now() - Date.parse(answer.headers.get("Date"));
    if (!(age < DAY)) await cache.delete(request);
  }
}
