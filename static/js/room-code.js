// Keeps the code on the screen new; without this file the page loads itself anew.
const room = document.querySelector("#room");
const drawing = document.querySelector("#room-code");
const problem = document.querySelector("#room-problem");
const spoken = document.querySelector("#room-spoken");
const PAUSE = 5000; // between two looks at how many have come
let failed = 0;

async function look() {
  const answer = await fetch(room.dataset.now).catch(() => null);
  const isJson = answer?.ok && answer.headers.get("Content-Type")?.includes("json");
  if (!isJson) return lost(answer);
  const now = await answer.json();
  if (!now.is_open) return location.reload();
  failed = 0;
  problem.textContent = "";
  document.querySelector("#room-present").textContent = now.present;
  if (spoken) spoken.textContent = now.spoken;
  show(now.slot);
  plan(now.seconds);
}

function show(slot) {
  if (String(slot) === room.dataset.slot) return;
  room.dataset.slot = slot;
  drawing.src = `${room.dataset.drawing}?slot=${slot}`;
}

// Right after the code changes, and a few times in between.
function plan(seconds) {
  setTimeout(look, Math.min(PAUSE, seconds * 1000 + 100));
}

// An old code must not stay on the screen as if it still worked.
function lost(answer) {
  failed += 1;
  if (answer) problem.textContent = "Reload this page and sign in again: the code is out of date.";
  else if (failed > 3) problem.textContent = "The connection is lost: the code is out of date.";
  setTimeout(look, PAUSE);
}

plan(Number(room.dataset.seconds));
