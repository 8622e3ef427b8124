// The labels of an event's times name its zone: keep them true while somebody chooses another.
const zone = document.querySelector("select[name=zone]");
const names = ["starts", "ends", "registration_opens", "registration_closes"];

zone?.addEventListener("change", () => {
  for (const name of names) {
    const text = document.querySelector(`label[for=${name}]`)?.firstChild;
    if (text) text.textContent = text.textContent.replace(/\([^)]*\)/, `(${zone.value})`);
  }
});
