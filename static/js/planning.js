// Events of the board are moved by dragging, or by keys: both lead to the page that shows what the
// move would do. Without this file each has a link to that page.
const said = document.querySelector("[data-said]");
const help = document.querySelector("[data-help]");
const cards = [...document.querySelectorAll("[data-move]")];
const DAY = 24 * 60 * 60 * 1000;
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
const words = new Intl.DateTimeFormat("en-GB", {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
  timeZone: "UTC",
});

const parsed = (day) => Date.parse(`${day}T00:00Z`);
const written = (instant) => new Date(instant).toISOString().slice(0, 10);
const weekday = (instant) => (new Date(instant).getUTCDay() + 6) % 7;

function week(instant) {
  const thursday = instant + (3 - weekday(instant)) * DAY;
  const first = Date.UTC(new Date(thursday).getUTCFullYear(), 0, 1);
  return Math.floor((thursday - first) / (7 * DAY)) + 1;
}

function go(card, instant) {
  if (written(instant) === card.dataset.day) return;
  window.location.assign(`${card.dataset.move}?to=${written(instant)}`);
}

function mark(slots) {
  for (const each of document.querySelectorAll(".is-target")) each.classList.remove("is-target");
  for (const each of slots) each.classList.add("is-target");
}

// -- by mouse -------------------------------------------------------------------------------------

let dragged = null;

function slotUnder(event) {
  return dragged && event.target.closest("[data-drop] [data-first]");
}

// A week keeps the event's weekday.
function dayIn(slot, card) {
  const first = parsed(slot.dataset.first);
  const isWeek = slot.dataset.first !== slot.dataset.last;
  return isWeek ? first + weekday(parsed(card.dataset.day)) * DAY : first;
}

for (const card of cards) {
  card.draggable = true;
  for (const link of card.querySelectorAll("a")) link.draggable = false;
  card.addEventListener("dragstart", (event) => {
    dragged = card;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.dataset.title);
    // Changing the page while a drag begins would end it at once.
    setTimeout(() => document.body.classList.add("is-dragging"));
  });
  card.addEventListener("dragend", () => {
    dragged = null;
    mark([]);
    document.body.classList.remove("is-dragging");
  });
}

document.addEventListener("dragover", (event) => {
  const slot = slotUnder(event);
  if (!slot) return;
  event.preventDefault();
  mark([slot]);
});

document.addEventListener("drop", (event) => {
  const slot = slotUnder(event);
  if (!slot) return;
  event.preventDefault();
  go(dragged, dayIn(slot, dragged));
});

// -- by keys --------------------------------------------------------------------------------------

let chosen = null; // { card, instant }

function say() {
  const { card, instant } = chosen;
  const same = written(instant) === card.dataset.day ? ", where it is now" : "";
  said.textContent =
    `“${card.dataset.title}” to ${words.format(instant)}, week ${week(instant)}${same}. ` +
    "Left and right choose the day, up and down the week. Enter goes on, Escape gives up.";
  const day = written(instant);
  const slots = [...document.querySelectorAll("[data-drop] [data-first]")].filter(
    ({ dataset }) => dataset.first <= day && day <= dataset.last,
  );
  mark(slots.filter((slot) => slot.matches("tr")));
  slots.find((slot) => slot.matches("tr"))?.scrollIntoView({ block: "nearest" });
}

function begin(card) {
  chosen = { card, instant: parsed(card.dataset.day) };
  card.classList.add("is-moving");
  say();
}

function stop(words = "") {
  chosen?.card.classList.remove("is-moving");
  chosen = null;
  mark([]);
  said.textContent = words;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const card = event.target.closest("[data-move]");
  if (!chosen) {
    if (card && event.key.toLowerCase() === "m") begin(card);
    return;
  }
  if (event.key in STEPS) {
    chosen.instant += STEPS[event.key] * DAY;
    say();
  } else if (event.key === "Enter") {
    const { card: moved, instant } = chosen;
    stop(written(instant) === moved.dataset.day ? "It is there already. Nothing is moved." : "");
    go(moved, instant);
  } else if (event.key === "Escape") {
    stop("Nothing is moved.");
  } else {
    return;
  }
  event.preventDefault();
});

// Who goes elsewhere has given up.
document.addEventListener("focusout", (event) => {
  if (chosen && !chosen.card.contains(event.relatedTarget)) stop();
});

if (help && cards.length) help.hidden = false;
