/* Only makes the pages nicer: everything works without it. Nothing leaves the device. Ticks last as long as the tab, or
   for some weeks where the resident asks for that. */
"use strict";

const TICKS = "ticks";
const KEPT_MS = 60 * 24 * 60 * 60 * 1000;

function keptTicks() {
  try {
    const kept = JSON.parse(localStorage.getItem(TICKS));
    if (kept && kept.until > Date.now()) return kept.ticks;
    localStorage.removeItem(TICKS);
  } catch { /* the device refuses, or holds something else */ }
  return null;
}

function readTicks() {
  try { return new Set(keptTicks() || JSON.parse(sessionStorage.getItem(TICKS) || "[]")); } catch { return new Set(); }
}

function writeTicks(ticks, keeping) {
  try {
    wipe();
    if (keeping) localStorage.setItem(TICKS, JSON.stringify({ until: Date.now() + KEPT_MS, ticks: [...ticks] }));
    else sessionStorage.setItem(TICKS, JSON.stringify([...ticks]));
  } catch { /* the device refuses: ticks last until reload */ }
}

function wipe() {
  try { sessionStorage.removeItem(TICKS); localStorage.removeItem(TICKS); } catch { /* nothing was kept */ }
}

function startTicks() {
  const boxes = [...document.querySelectorAll("[data-tick]")];
  const keep = document.querySelector("[data-keep]");
  const ticks = readTicks();
  for (const place of document.querySelectorAll("[data-keeping]")) place.hidden = false;
  if (keep) {
    keep.checked = keptTicks() !== null;
    keep.addEventListener("change", () => writeTicks(ticks, keep.checked));
  }
  for (const box of boxes) {
    box.checked = ticks.has(box.dataset.tick);
    box.addEventListener("change", () => {
      if (box.checked) ticks.add(box.dataset.tick); else ticks.delete(box.dataset.tick);
      writeTicks(ticks, keep ? keep.checked : false);
    });
  }
  for (const button of document.querySelectorAll("[data-wipe]")) {
    button.addEventListener("click", () => {
      ticks.clear();
      wipe();
      for (const box of keep ? [...boxes, keep] : boxes) box.checked = false;
      say(button.dataset.wipe);
    });
  }
}

/* A browser opens what is folded around the place that an address names; older ones do not. */
function startFolds() {
  const openTarget = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    const folded = [];
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) if (!fold.open) folded.push(fold);
    for (const fold of folded) fold.open = true;
    if (folded.length) target.scrollIntoView();
  };
  addEventListener("hashchange", openTarget);
  for (const link of document.querySelectorAll('a[href^="#"]')) link.addEventListener("click", () => setTimeout(openTarget));
  openTarget();
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

/* Where a phrase is longer than its line, a browser breaks it anywhere. Words in katakana are put on the next line instead;
   those that are longer than a whole line break as before. */
function startWords() {
  const brokenWords = () => {
    const broken = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = texts.currentNode;
      if (text.parentElement.closest(".whole, option, textarea, svg, details:not([open]) > :not(summary)")) continue;
      for (const word of text.data.matchAll(/[ァ-ヺー]{2,}/g)) {
        const range = document.createRange();
        range.setStart(text, word.index);
        range.setEnd(text, word.index + word[0].length);
        const lines = [...range.getClientRects()].filter((line) => line.width);
        if (lines.length > 1 && lines[0].bottom <= lines[lines.length - 1].top) broken.push(range);
      }
    }
    return broken;
  };
  const wrapped = (range, name) => {
    const span = document.createElement("span");
    if (name) span.className = name;
    range.surroundContents(span);
  };
  const mend = () => {
    for (let broken = brokenWords(); broken.length; broken = brokenWords()) {
      for (const range of broken.reverse()) {
        const text = range.startContainer;
        if (/flex|grid/.test(getComputedStyle(text.parentElement).display)) {   /* one thing of the row stays one thing */
          const whole = document.createRange();
          whole.selectNode(text);
          wrapped(whole);
        } else wrapped(range, "whole");
      }
    }
  };
  new ResizeObserver(() => requestAnimationFrame(mend)).observe(document.body);
}

function startErrors() {
  document.querySelector("[data-errors]")?.focus();
}

startTicks();
startFolds();
startExclusive();
startPrint();
startCopy();
startLeave();
startErrors();
startWords();
