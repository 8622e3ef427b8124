// Shows the progress of a job; without this file a link reloads the page.
const box = document.querySelector("#job");

async function look() {
  const answer = await fetch(box.dataset.progress);
  if (!answer.ok) return;
  const job = await answer.json();
  if (job.state === "done" || job.state === "failed") {
    location.reload();
    return;
  }
  if (job.total) {
    const bar = document.querySelector("#job-bar");
    bar.max = job.total;
    bar.value = job.done;
    document.querySelector("#job-words").textContent =
      `${job.done} of ${job.total} done. You may leave this page; the work goes on.`;
  }
  setTimeout(look, 1000);
}

if (box.dataset.over === "no") setTimeout(look, 500);
