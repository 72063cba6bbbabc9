/* Only makes the forms of items quicker, and begins a drawing in its middle: everything works without it. The form is sent
   as its buttons would send it, and only the part of the answer is taken over that the button is about. What is typed
   stays in the tab until it is saved. */
"use strict";

const SEARCH_MS = 300;
const EFFECT_MS = 900;
const TYPED = "typed ";
const SENT = "sent";

/* The answer to the form with that button pressed, as a page; null where it is none of the form's pages. */
async function answerTo(form, button) {
  const fields = new URLSearchParams(new FormData(form));
  fields.append("do", button);
  try {
    const answer = await fetch(form.action, { method: "POST", body: fields, redirect: "error", credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.getElementById(form.id) ? page : null;
  } catch { return null; }  /* the service is away: the button still is there to press */
}

function takeOver(page, id) {
  const [now, next] = [document.getElementById(id), page.getElementById(id)];
  if (!now || !next) return false;
  const focused = now.contains(document.activeElement) ? document.activeElement : null;
  const [name, value, start] = [focused?.name, focused?.value, focused?.selectionStart];
  now.className = next.className;
  now.replaceChildren(...next.childNodes);  /* the place itself stays: what is announced of it is its change */
  if (!focused) return true;
  const same = [...now.querySelectorAll("input, textarea, select, button")].filter((one) => one.name === name && (one.type !== "submit" || one.value === value));
  const target = same[0] || now.querySelector("input, textarea, select, button");
  target?.focus();
  if (target?.type === "search") { target.value = value; target.setSelectionRange(start, start); }
  return true;
}

function startSearch(form) {
  let waiting = 0, latest = 0;
  form.addEventListener("input", (event) => {
    const field = event.target.dataset.find;
    if (!field) return;
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const turn = ++latest, name = event.target.name;
      const page = await answerTo(form, name);
      if (page && turn === latest) takeOver(page, field);
    }, SEARCH_MS);
  });
}

/* Buttons that change the form itself: only their field is taken over. */
function startRows(form) {
  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    const field = button?.getAttribute("formaction")?.split("#")[1];
    if (!field || button.dataset.sent) return;
    event.preventDefault();
    const page = await answerTo(form, button.value);
    if (page && takeOver(page, field)) { keep(form); effectLater(form); return; }
    button.dataset.sent = "yes";
    form.requestSubmit(button);
  });
}

let effectWaiting = 0, effectLatest = 0;

function effectLater(form) {
  if (!document.getElementById("effect")) return;
  clearTimeout(effectWaiting);
  effectWaiting = setTimeout(async () => {
    const turn = ++effectLatest;
    const page = await answerTo(form, "effect");
    if (page && turn === effectLatest) takeOver(page, "effect");
  }, EFFECT_MS);
}

/* What is typed, in this tab only, until it is saved: a new item has another address then. */
function place(form) {
  return `${TYPED}${form.getAttribute("action")} ${form.elements.of?.value}`;
}

function keep(form) {
  const pairs = [...new FormData(form)].filter(([name]) => name !== "form_token");
  try { sessionStorage.setItem(place(form), JSON.stringify(pairs)); } catch { /* the device refuses */ }
}

function kept(form) {
  try { return JSON.parse(sessionStorage.getItem(place(form))); } catch { return null; }
}

function forget(form) {
  try { for (const name of [place(form), sessionStorage.getItem(SENT), SENT]) if (name) sessionStorage.removeItem(name); } catch { /* nothing was kept */ }
}

function startKeeping(form) {
  const notice = document.querySelector("[data-typed]");
  if (form.hasAttribute("data-saved")) forget(form);
  form.addEventListener("submit", () => { try { sessionStorage.setItem(SENT, place(form)); } catch { /* the device refuses */ } });
  form.addEventListener("input", () => { keep(form); effectLater(form); });
  form.addEventListener("change", () => { keep(form); effectLater(form); });
  const pairs = kept(form);
  if (!notice || !pairs || form.hasAttribute("data-unsaved")) return;
  notice.hidden = false;
  const [back, away] = notice.querySelectorAll("button");
  back.addEventListener("click", () => {
    const again = document.createElement("form");
    again.method = "post";
    again.action = form.action;
    for (const [name, value] of [...pairs, ["form_token", form.elements.form_token.value], ["do", "again"]]) {
      const field = document.createElement("textarea");
      field.name = name;
      field.value = value;
      again.append(field);
    }
    again.hidden = true;
    document.body.append(again);
    again.submit();
  });
  away.addEventListener("click", () => { forget(form); notice.hidden = true; });
}

/* What stands in the middle of a drawing is in sight from the start, also where the drawing is wider than the screen. */
function startDrawings() {
  for (const drawing of document.querySelectorAll("[data-drawing]")) {
    const middle = drawing.querySelector("[data-focus]")?.getBoundingClientRect();
    const shown = drawing.getBoundingClientRect();
    if (!middle) continue;
    drawing.scrollLeft += middle.left + middle.width / 2 - shown.left - shown.width / 2;
    drawing.scrollTop += middle.top + middle.height / 2 - shown.top - shown.height / 2;
  }
}

startDrawings();
const written = document.querySelector("form[data-written]");
if (written) {
  startSearch(written);
  startRows(written);
  startKeeping(written);
}
