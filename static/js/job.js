// Shows the progress of a job in place; without this file the page reloads itself.
const box = document.querySelector("#job");
const status = document.querySelector("#job-status");
let pause = 500;

async function look() {
  const answer = await fetch(box.dataset.progress).catch(() => null);
  if (answer?.ok) await show(await answer.json());
  else if (answer?.status === 404 || answer?.redirected) return; // signed out meanwhile
  pause = Math.min(pause * 1.2, 3000);
  if (isOpen(box.dataset.state)) setTimeout(look, pause);
}

async function show(job) {
  if (job.state !== box.dataset.state && !isOpen(job.state)) await replaceRest();
  box.dataset.state = job.state;
  if (status.textContent !== job.status) status.textContent = job.status; // read out, so only news
  const bar = document.querySelector("#job-bar");
  if (!bar) return;
  if (job.total) {
    bar.max = job.total;
    bar.value = job.done;
  }
  document.querySelector("#job-count").textContent = job.count;
}

// What only the end brings, a file to fetch for instance, is taken from the page itself.
async function replaceRest() {
  const page = await (await fetch(location.href)).text();
  const rest = new DOMParser().parseFromString(page, "text/html").querySelector("#job-rest");
  const old = document.querySelector("#job-rest");
  const hadFocus = old.contains(document.activeElement);
  old.replaceWith(rest);
  if (hadFocus) rest.querySelector("a")?.focus();
}

const isOpen = (state) => state === "waiting" || state === "running";

if (isOpen(box.dataset.state)) setTimeout(look, pause);
