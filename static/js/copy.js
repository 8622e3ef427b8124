// Copies a link to the clipboard; without this file the link can be selected and copied by hand.
for (const button of document.querySelectorAll("[data-copy]")) {
  const box = document.getElementById(button.dataset.copy);
  if (!navigator.clipboard) break; // only on safe connections
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(box.value);
    document.querySelector("#copied").textContent = "The link is copied.";
    button.firstChild.textContent = "Copied";
  });
}
