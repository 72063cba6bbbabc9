/* Only makes the pages nicer: everything works without it. Nothing leaves the device, nothing stays after the tab is closed. */
"use strict";

const TICKS = "ticks";

function readTicks() {
  try { return new Set(JSON.parse(sessionStorage.getItem(TICKS) || "[]")); } catch { return new Set(); }
}

function keepTicks(ticks) {
  try { sessionStorage.setItem(TICKS, JSON.stringify([...ticks])); } catch { /* the device refuses: ticks last until reload */ }
}

function startTicks() {
  const boxes = [...document.querySelectorAll("[data-tick]")];
  const ticks = readTicks();
  for (const box of boxes) {
    box.checked = ticks.has(box.dataset.tick);
    box.addEventListener("change", () => {
      if (box.checked) ticks.add(box.dataset.tick); else ticks.delete(box.dataset.tick);
      keepTicks(ticks);
    });
  }
  for (const button of document.querySelectorAll("[data-wipe]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      ticks.clear();
      wipe();
      for (const box of boxes) box.checked = false;
      say(button.dataset.wipe);
    });
  }
}

function wipe() {
  try { sessionStorage.removeItem(TICKS); } catch { /* nothing was kept */ }
}

function say(words) {
  for (const place of document.querySelectorAll("[data-said]")) {
    place.textContent = "";
    requestAnimationFrame(() => { place.textContent = words; });
  }
}

function startExclusive() {
  for (const alone of document.querySelectorAll("[data-alone]")) {
    const others = [...alone.form.querySelectorAll(`input[name="${alone.name}"]`)].filter((box) => box !== alone);
    alone.addEventListener("change", () => { if (alone.checked) for (const box of others) box.checked = false; });
    for (const box of others) box.addEventListener("change", () => { if (box.checked) alone.checked = false; });
  }
}

function startPrint() {
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

function startCopy() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const address = new URL(button.dataset.copy, location.href).href;
      try { await navigator.clipboard.writeText(address); say(button.dataset.done); } catch { say(button.dataset.failed); }
    });
  }
}

function startLeave() {
  for (const link of document.querySelectorAll("[data-leave]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      wipe();
      window.close();
      location.replace(link.href);
    });
  }
}

function startErrors() {
  document.querySelector("[data-errors]")?.focus();
}

startTicks();
startExclusive();
startPrint();
startCopy();
startLeave();
startErrors();
