// Ticks on their way: kept on the device, in the order of the presses, until the site has answered.
const STORE = "ticks";
// A slow device may not have begun to write when the page is left: what is noted here outlives that.
const ENTERING = "entering:";

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

function opened() {
  const request = indexedDB.open("check-in", 1);
  request.onupgradeneeded = () =>
    request.result.createObjectStore(STORE, { keyPath: "n", autoIncrement: true });
  return done(request);
}

// A browser that keeps nothing (private windows) still ticks while the page is open.
function inMemory() {
  const kept = new Map();
  let n = 0;
  return {
    add: async (tick) => (kept.set((n += 1), { ...tick, n }), n),
    put: async (tick) => kept.set(tick.n, tick),
    delete: async (number) => kept.delete(number),
    getAll: async () => [...kept.values()],
  };
}

function onDisk(database) {
  const store = (mode) => database.transaction(STORE, mode).objectStore(STORE);
  return {
    add: (tick) => done(store("readwrite").add(tick)),
    put: (tick) => done(store("readwrite").put(tick)),
    delete: (number) => done(store("readwrite").delete(number)),
    getAll: () => done(store("readonly").getAll()),
  };
}

export const put = async (tick) => (await ready).put(tick);
export const remove = async (tick) => (await ready).delete(tick.n);

export async function add(tick) {
  note(tick);
  const n = await (await ready).add(tick);
  forget(tick.key);
  return n;
}

function note(tick) {
  try {
    localStorage.setItem(ENTERING + tick.key, JSON.stringify(tick));
  } catch {
    // a browser that keeps nothing
  }
}

function forget(key) {
  try {
    localStorage.removeItem(ENTERING + key);
  } catch {
    // as above
  }
}

function noted() {
  try {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(ENTERING));
    const ticks = names.map((name) => JSON.parse(localStorage.getItem(name)));
    return ticks.sort((a, b) => a.pressed_at.localeCompare(b.pressed_at));
  } catch {
    return [];
  }
}

// What an earlier page could not write any more; what fails now is left for the next one.
async function recovered(store, left) {
  try {
    const known = new Set((await store.getAll()).map((tick) => tick.key));
    for (const tick of left) {
      if (!known.has(tick.key)) await store.add(tick);
      forget(tick.key);
    }
  } catch {
    // the desk works without them
  }
  return store;
}

const left = noted(); // before anybody can press here
const ready = opened()
  .then(onDisk)
  .catch(inMemory)
  .then((store) => recovered(store, left));

// One person's: whoever signs in next on a shared phone does not send them under their own name.
export async function of(person) {
  const all = await (await ready).getAll();
  return all.filter((tick) => tick.person === person);
}

export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // also where randomUUID is missing
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

// The name of this browser, so that its own presses are never "another desk's".
export function deskName() {
  try {
    localStorage.desk ??= uuid();
    return localStorage.desk;
  } catch {
    return uuid();
  }
}

// One sender at a time among this browser's tabs, or the order would be lost.
export const alone = (work) =>
  navigator.locks ? navigator.locks.request("check-in", work) : work();
