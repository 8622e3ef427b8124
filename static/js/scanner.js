// Reads personal codes with the camera and ticks at once; without BarcodeDetector the page says
// how the phone's camera app does the same.
const box = document.querySelector("#scanner");
const reads = "BarcodeDetector" in window && Boolean(navigator.mediaDevices?.getUserMedia);
const REST = 3000; // the same code counts again only after it was away so long

if (box && reads) start();

function start() {
  const video = document.querySelector("#scan-video");
  const said = document.querySelector("#scan-said");
  const undo = document.querySelector("#scan-undo");
  const begin = document.querySelector("#scan-start");
  const token = document.querySelector("#scan-token").value;
  const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
  let last = { text: "", at: 0 };
  let isBusy = false;

  document.querySelector("#scan-here").hidden = false;
  document.querySelector("#scan-elsewhere").hidden = true;

  function say(words, tone) {
    said.textContent = words;
    said.className = `scan-said ${tone}`;
  }

  // A code may hold anything: only the path of this site's own personal codes is ever asked.
  function pathOf(text) {
    let address;
    try {
      address = new URL(text);
    } catch {
      return null;
    }
    const isOwn = address.origin === location.origin;
    return isOwn && /^\/check-in\/[\w.-]{20,80}$/.test(address.pathname) ? address.pathname : null;
  }

  async function send(path, present) {
    const answer = await fetch(path, {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRFToken": token },
      body: new URLSearchParams({ session: box.dataset.session, present }),
    });
    if (answer.status === 404) throw new Error("That code belongs to nobody at this event.");
    const isJson = answer.headers.get("Content-Type")?.includes("json");
    if (!isJson) throw new Error("Reload the page and sign in again.");
    const words = await answer.json();
    if (!answer.ok) throw new Error(words.message);
    return words;
  }

  async function tick(path, present) {
    isBusy = true;
    try {
      const told = await send(path, present);
      say(`${told.name} ${told.said}`, told.is_present ? "good" : "plain");
      undo.hidden = !told.may_undo;
      undo.dataset.path = path;
      navigator.vibrate?.(60);
    } catch (problem) {
      const isLost = problem instanceof TypeError;
      say(isLost ? "The connection is lost. Scan again." : problem.message, "bad");
      if (isLost) last = { text: "", at: 0 };
      undo.hidden = true;
    }
    isBusy = false;
  }

  async function found(text) {
    const isSame = text === last.text && Date.now() - last.at < REST;
    last = { text, at: Date.now() };
    if (isSame) return;
    const path = pathOf(text);
    if (path) await tick(path, "1");
    else {
      undo.hidden = true;
      say("That is not a personal check-in code.", "bad");
    }
  }

  async function look() {
    if (!isBusy && video.readyState >= 2) {
      const codes = await detector.detect(video).catch(() => []);
      if (codes.length) await found(codes[0].rawValue);
    }
    setTimeout(look, 150);
  }

  begin.addEventListener("click", async () => {
    begin.disabled = true;
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: "environment" },
      });
      video.hidden = false;
      await video.play();
      begin.hidden = true;
      say("Hold a code before the camera.", "plain");
      look();
    } catch {
      document.querySelector("#scan-why").textContent = "The camera can’t be used here: the browser was not allowed to, or has none.";
      document.querySelector("#scan-elsewhere").hidden = false;
      begin.disabled = false;
    }
  });
  undo.addEventListener("click", () => tick(undo.dataset.path, "0"));
}
