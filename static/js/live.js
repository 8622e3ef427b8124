// Keeps the figures fresh while somebody looks; without this file a link does the same.
const every = Number(document.querySelector("#live").dataset.every) * 1000;

async function look() {
  if (!document.hidden) await refresh().catch(() => null); // offline: the next look may work
  setTimeout(look, every);
}

async function refresh() {
  const answer = await fetch(location.href);
  if (!answer.ok || answer.redirected) return; // signed out meanwhile
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("#live");
  if (fresh) document.querySelector("#live").replaceWith(fresh);
}

setTimeout(look, every);
