// The check-in desk. Without this file the page's forms do the same, as long as there is a connection.
import * as queue from "./desk-queue.js";
import { fit, soughtIn, wordsOf } from "./names.js";

const EVERY = 3000; // milliseconds between two looks at what other desks do
const PATIENCE = 10_000; // for an answer
const MOST = 200; // ticks in one request
const PART = 60; // rows that are drawn at once; more as one scrolls
const SLOW = 1000; // until then nobody needs to read that a tick is on its way
const CACHE = "check-in"; // as in check-in-worker.js
const NAMES = "/check-in-names"; // in it: whom the ticks in the queue are about
const DAY = 24 * 60 * 60 * 1000; // so long the worker keeps a page

const ticks = document.querySelector("#ticks");

class SignedOut extends Error {}
class Unreadable extends Error {}
class NotTheirs extends Error {}

async function asked(address, options = {}) {
  const answer = await fetch(address, {
    cache: "no-store",
    redirect: "manual", // a redirect leads to the sign-in page
    signal: AbortSignal.timeout(PATIENCE),
    ...options,
  });
  if (answer.type === "opaqueredirect") throw new SignedOut();
  if (answer.status === 400) throw new Unreadable();
  if (answer.status === 403 || answer.status === 404) throw new NotTheirs();
  if (!answer.ok && answer.status !== 304) throw new TypeError(`status ${answer.status}`);
  return answer;
}

function desk() {
  const here = ticks.dataset;
  const session = Number(here.session);
  const list = ticks.querySelector(".ticks");
  const input = document.querySelector("#q");
  const last = document.querySelector("#last");
  const undo = document.querySelector("#undo");
  const waiting = document.querySelector("#waiting");
  const refused = document.querySelector("#refused");
  const chooser = document.querySelector("#chooser");
  const canTick = !document.querySelector("#refusal");
  const deskName = queue.deskName();
  const memory = `present:${here.person}:${session}`; // numbers alone, no names

  const end = document.querySelector("#end");
  const ahead = new IntersectionObserver(
    (seen) => seen.some((each) => each.isIntersecting) && drawMore(),
    { rootMargin: "1500px" },
  );

  let undrawn = []; // rows that come after those in the page
  let people = new Map(); // number: row, by name
  let present = new Set(); // as the site last said
  let mine = []; // pressed here, not answered yet
  let names = new Map(); // of those whom ticks are about and who may have left the list
  let lastPressed = null;
  let etag = null;
  let answered = 0; // how many requests with ticks: an older look at the list counts no more
  let state = "connected"; // or "cut", "signed out"
  let isSending = false;
  let isLate = false;
  let isKept = false;
  let hasLooked = false;

  // -- the list ----------------------------------------------------------------------------------

  function read(items) {
    const rows = items.map((li) => {
      const button = li.firstElementChild;
      const [name, rest] = [li.querySelector("b").textContent, li.querySelector("i").textContent];
      const id = Number(button.value?.split(":")[0]);
      const written = li.dataset.n ?? name.toLowerCase();
      li.hidden = false;
      return {
        id,
        li,
        button,
        name,
        written,
        names: wordsOf(`${name} ${li.dataset.n ?? ""}`),
        rest: wordsOf(`${rest.slice(0, rest.lastIndexOf(","))} ${li.dataset.i ?? ""}`),
      };
    });
    const { compare } = new Intl.Collator("en");
    rows.sort((a, b) => compare(a.written, b.written) || a.id - b.id);
    people = new Map(rows.map((row, at) => [canTick ? row.id : at, row]));
    present = new Set(
      rows.filter((row) => row.button.getAttribute("aria-pressed") === "true").map((row) => row.id),
    );
  }

  function search() {
    const sought = soughtIn(input.value);
    const found = [];
    for (const row of people.values()) {
      const way = fit(sought, row.names, row.rest);
      if (way !== null) found.push({ way, li: row.li });
    }
    found.sort((a, b) => a.way - b.way);
    undrawn = found.map((each) => each.li);
    list.replaceChildren(...undrawn.splice(0, PART));
    watchEnd();
    document.querySelector("#nobody").hidden = found.length > 0 || people.size === 0;
    document.querySelector("#empty").hidden = people.size > 0;
  }

  // Of a thousand rows only those are in the page that somebody may look at: typing stays instant.
  function drawMore() {
    list.append(...undrawn.splice(0, PART));
    watchEnd();
  }

  // Anew each time: an observer tells changes alone, and the end may still be in sight.
  function watchEnd() {
    ahead.unobserve(end);
    if (undrawn.length > 0) ahead.observe(end);
  }

  // What was pressed here counts before the site has answered.
  function wishes() {
    const own = mine.filter((tick) => tick.session === session);
    return new Map(own.map((tick) => [tick.registration, tick]));
  }

  function paint() {
    if (canTick) paintList();
    paintWaiting();
  }

  function paintList() {
    const wished = wishes();
    let count = 0;
    for (const row of people.values()) {
      const wish = wished.get(row.id);
      const isPresent = wish ? wish.present : present.has(row.id);
      count += isPresent ? 1 : 0;
      show(row, isPresent, Boolean(wish) && isSlow(wish));
    }
    document.querySelector("#present-count").textContent = count;
    document.querySelector("#expected-count").textContent = people.size;
  }

  function show(row, isPresent, isWaiting) {
    const pressed = String(isPresent);
    if (row.button.getAttribute("aria-pressed") !== pressed) {
      row.button.setAttribute("aria-pressed", pressed);
      row.button.value = `${row.id}:${isPresent ? 0 : 1}`;
    }
    row.button.classList.toggle("is-waiting", isWaiting);
  }

  const isSlow = (tick) => state !== "connected" || Date.now() - Date.parse(tick.pressed_at) > SLOW;

  function paintWaiting() {
    const slow = mine.filter(isSlow).length;
    const some = slow === 1 ? "1 tick" : `${slow} ticks`;
    const waits = slow === 1 ? "waits" : "wait";
    const are = slow === 1 ? "is" : "are";
    const words = {
      connected: slow ? `${some} ${are} on the way.` : "",
      cut: slow
        ? `${some} ${waits} for the connection.`
        : "No connection. Go on: ticks are kept on this device until it is back.",
      "signed out": slow ? `, your ${some} ${are} kept.` : " to go on.",
    }[state];
    if (waiting.dataset.words === words) return; // or it would be read out every three seconds
    waiting.dataset.words = words;
    waiting.hidden = !words;
    waiting.replaceChildren(...(state === "signed out" ? [signInLink(), words] : [words]));
  }

  function signInLink() {
    const link = document.createElement("a");
    link.href = here.signIn;
    link.textContent = "Sign in again";
    return link;
  }

  function say(words, hasFailed = false) {
    last.textContent = words;
    last.classList.toggle("failed", hasFailed);
  }

  function paintRefused(kept) {
    const items = kept.map((tick) => {
      const item = document.createElement("li");
      item.textContent = `${nameOf(tick)}${tick.goesOn ? "" : ": "}${tick.message}`;
      return item;
    });
    refused.querySelector("ul")?.remove();
    refused.hidden = items.length === 0;
    if (refused.hidden) return;
    const all = document.createElement("ul");
    all.replaceChildren(...items);
    refused.querySelector("h2").after(all);
  }

  // -- names: the queue outlives a sign-out and holds none ---------------------------------------

  function nameOf({ registration }) {
    return people.get(registration)?.name ?? names.get(registration) ?? `Somebody (${registration})`;
  }

  // A sentence as the queue keeps it: its name, with which it may begin, is added when it is shown.
  function nameless(tick, sentence) {
    const name = nameOf(tick);
    const goesOn = sentence.startsWith(name);
    return { ...tick, goesOn, message: goesOn ? sentence.slice(name.length) : sentence };
  }

  async function keepNames() {
    for (const tick of mine) names.set(tick.registration, nameOf(tick));
    try {
      const cache = await caches.open(CACHE);
      await cache.put(NAMES, new Response(JSON.stringify([...names])));
    } catch {
      // a browser that keeps nothing still knows them while the page is open
    }
  }

  async function recallNames() {
    try {
      const kept = await caches.match(NAMES);
      const queued = new Set((await queue.of(here.person)).map((tick) => tick.registration));
      const known = kept ? await kept.json() : [];
      names = new Map(known.filter(([registration]) => queued.has(registration)));
    } catch {
      // as above
    }
  }

  // -- ticking -----------------------------------------------------------------------------------

  async function press(id, isPresent) {
    const row = people.get(id);
    if (!row) return;
    const tick = {
      key: queue.uuid(),
      person: here.person,
      take: here.take,
      session,
      registration: id,
      present: isPresent,
      pressed_at: new Date().toISOString(),
    };
    mine.push(tick);
    lastPressed = tick;
    undo.hidden = false;
    say(`${row.name} is ${isPresent ? "present" : "not present"}.`);
    paint();
    tick.n = await queue.add(tick);
    keepNames();
    await send();
  }

  async function send() {
    isLate = isSending; // pressed while others are sent: perhaps too late to go with them
    if (isSending) return;
    isSending = true;
    try {
      await queue.alone(sendAll);
      state = "connected";
    } catch (problem) {
      isLate = false;
      broken(problem);
    }
    isSending = false;
    paint();
    setTimeout(paint, SLOW + 50);
    if (isLate) await send();
  }

  async function sendAll() {
    let most = MOST;
    for (;;) {
      const open = await unanswered();
      if (open.length === 0) return;
      const other = open.findIndex((tick) => tick.take !== open[0].take);
      const batch = open.slice(0, Math.min(most, other < 0 ? most : other));
      try {
        await settle(batch, await answers(batch));
      } catch (problem) {
        if (problem instanceof Unreadable && batch.length > 1) most = 1;
        else await giveUp(batch, problem);
      }
    }
  }

  // What is in the queue; other tabs may have sent some of it, and some is still on its way there.
  async function unanswered() {
    const stored = new Set(mine.filter((tick) => tick.n).map((tick) => tick.key));
    const kept = await queue.of(here.person);
    const keys = new Set(kept.map((tick) => tick.key));
    const entering = mine.filter((tick) => !keys.has(tick.key) && !stored.has(tick.key));
    const open = kept.filter((tick) => !tick.message);
    mine = [...open, ...entering];
    paintRefused(kept.filter((tick) => tick.message));
    return open;
  }

  async function answers(batch) {
    try {
      return await post(batch);
    } catch (problem) {
      if (!(problem instanceof Unreadable)) throw problem;
      await renew(); // hours later the page's token may be too old
      return post(batch);
    }
  }

  async function post(batch) {
    const answer = await asked(batch[0].take, {
      method: "POST",
      headers: {
        Accept: "application/json",
        "Content-Type": "application/json",
        "X-CSRFToken": ticks.elements.csrf_token.value,
      },
      body: JSON.stringify({
        desk: deskName,
        sent_at: new Date().toISOString(),
        ticks: batch.map(({ key, registration, session, present, pressed_at }) => ({
          key,
          registration,
          session,
          present,
          pressed_at,
        })),
      }),
    });
    return (await answer.json()).answers;
  }

  async function settle(batch, said) {
    answered += 1;
    const byKey = new Map(said.map((answer) => [answer.key, answer]));
    for (const tick of batch) {
      const { outcome, message } = byKey.get(tick.key);
      etag = null;
      if (outcome === "taken" || outcome === "again") {
        counted(tick);
        await queue.remove(tick);
      } else {
        await queue.put(nameless(tick, message));
        say(`${nameOf(tick)} was not counted.`, true);
      }
    }
  }

  function counted(tick) {
    if (tick.session !== session) return;
    if (tick.present) present.add(tick.registration);
    else present.delete(tick.registration);
    remember();
  }

  // A page that is opened without a connection is as old as it was kept: who came since is not.
  function remember() {
    const kept = { at: Date.now(), present: [...present] };
    try {
      localStorage.setItem(memory, JSON.stringify(kept));
    } catch {
      // a browser that keeps nothing shows what it has
    }
  }

  function recall() {
    hasLooked = true; // once: what is known since is newer
    try {
      const kept = JSON.parse(localStorage.getItem(memory));
      if (kept && Date.now() - kept.at < DAY) present = new Set(kept.present);
    } catch {
      // as above
    }
  }

  async function giveUp(batch, problem) {
    const isOver = problem instanceof NotTheirs;
    if (!isOver && !(problem instanceof Unreadable)) throw problem;
    const message = isOver
      ? "You may not tick at this event any more."
      : "The site could not read this tick.";
    for (const tick of batch) await queue.put(nameless(tick, message));
  }

  function broken(problem) {
    if (problem instanceof SignedOut) {
      state = "signed out";
      globalThis.caches?.delete(CACHE);
    } else if (problem instanceof NotTheirs) {
      location.reload();
    } else if (problem instanceof TypeError || problem.name === "TimeoutError") {
      state = "cut";
    } else {
      throw problem;
    }
  }

  // -- other desks -------------------------------------------------------------------------------

  async function look() {
    if (document.visibilityState !== "visible") return;
    const before = answered;
    try {
      const answer = await asked(here.present, { headers: etag ? { "If-None-Match": etag } : {} });
      state = "connected";
      hasLooked = true;
      if (answer.status !== 304) await take(answer, before);
      keepPage().catch(() => (isKept = false)); // the desk works without, while it stays open
      if (mine.length > 0) await send();
    } catch (problem) {
      broken(problem);
      if (state === "cut" && !hasLooked) recall();
    }
    paint();
  }

  async function take(answer, before) {
    const said = await answer.json();
    if (answered !== before || isSending) return;
    etag = answer.headers.get("ETag");
    if (said.version !== here.version) await renew();
    present = new Set(said.present);
    remember();
  }

  // The whole page anew, when people were added or cancelled, or its token is too old.
  async function renew() {
    const answer = await asked(here.page, { headers: { Accept: "text/html" } });
    await keepAnswer(answer.clone());
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("#ticks");
    const isOther = !fresh || fresh.dataset.person !== here.person;
    if (isOther || Boolean(page.querySelector("#refusal")) === canTick) return left();
    for (const field of document.querySelectorAll("[name=csrf_token]")) {
      field.value = fresh.elements.csrf_token.value;
    }
    here.version = fresh.dataset.version;
    const focused = document.activeElement?.value;
    read([...fresh.querySelectorAll(".ticks li")]);
    search();
    if (focused) list.querySelector(`[value="${CSS.escape(focused)}"]`)?.focus();
  }

  // Nothing is sent any more: somebody else may be signed in, who would be refused.
  function left() {
    location.reload();
    return new Promise(() => {});
  }

  // -- without a connection ----------------------------------------------------------------------

  async function keepAnswer(answer) {
    if (!globalThis.caches) return;
    await (await caches.open(CACHE)).put(here.page, answer);
  }

  async function keepPage() {
    if (isKept || !navigator.serviceWorker) return;
    isKept = true;
    await navigator.serviceWorker.register("/check-in-worker.js", { updateViaCache: "none" });
    const files = performance
      .getEntriesByType("resource")
      .map((entry) => entry.name)
      .filter((name) => /^\/(bootstrap\/)?static\//.test(new URL(name).pathname));
    const cache = await caches.open(CACHE);
    await cache.addAll([...new Set(files)]);
    if (!(await cache.match(here.page))) await cache.add(here.page);
  }

  async function choose() {
    const page = `${location.pathname}?session=${chooser.elements.session.value}`;
    if (state === "cut" && !(await globalThis.caches?.match(page))) {
      chooser.elements.session.value = here.session;
      say("That session's list is not on this device. Choose it once the connection is back.", true);
      return;
    }
    location.assign(page);
  }

  // -- what people do ----------------------------------------------------------------------------

  ticks.addEventListener("submit", (event) => {
    event.preventDefault();
    const [id, wanted] = event.submitter.value.split(":");
    press(Number(id), wanted === "1");
  });
  document.querySelector("#undo-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const [id, wanted] = undo.value.split(":");
    if (lastPressed) press(lastPressed.registration, !lastPressed.present);
    else press(Number(id), wanted === "1");
  });
  refused.querySelector("button").addEventListener("click", async () => {
    const kept = await queue.of(here.person);
    for (const tick of kept.filter((each) => each.message)) await queue.remove(tick);
    paintRefused([]);
  });
  document.querySelector("#add")?.addEventListener("click", (event) => {
    if (state !== "cut") return;
    event.preventDefault();
    say("Adding somebody needs the connection. Tick them once it is back.", true);
  });
  chooser.addEventListener("change", choose);
  document.querySelector("#search").addEventListener("submit", (event) => event.preventDefault());
  input.addEventListener("input", search);
  input.addEventListener("focus", () => input.select());
  document.addEventListener("visibilitychange", look);
  addEventListener("online", look);

  async function begin() {
    document.documentElement.classList.add("has-script");
    read([...list.children]);
    search();
    await recallNames();
    await unanswered();
    paint();
    for (;;) {
      await look();
      await new Promise((resolve) => setTimeout(resolve, EVERY));
    }
  }
  begin();
}

if (ticks) desk();
