// Count on the button along with the choices: who is chosen or dropped here counts at once.
const count = document.getElementById("people-count");
const choices = [...document.querySelectorAll("select[data-person]")];

if (count && choices.length) {
  const chosen = () => new Set(choices.map((each) => each.value).filter((value) => Number(value) > 0));
  const atFirst = chosen().size;
  const shown = Number.parseInt(count.textContent.replaceAll(",", ""), 10);
  const say = () => {
    const number = Math.max(0, shown + chosen().size - atFirst);
    count.textContent = `${number.toLocaleString("en-GB")} ${number === 1 ? "person" : "people"}`;
  };
  for (const each of choices) each.addEventListener("change", say);
  window.addEventListener("pageshow", say); // a browser that goes back restores what was chosen
}
