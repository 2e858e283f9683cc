// What every page can do beyond HTML. Everything is declared in the markup:
//   data-auto-submit        a control that sends its form when it changes
//   data-copy="#id"         a button that copies that element's text
//   data-fill-NAME="value"  a button that fills the field with that id
//   data-outdates="id"      a form whose answer is that element: it rests until the form is sent
//   data-theme-set="dark"   a button that sets the theme: light, dark or "" for the device's
//   data-clock="ZONE"       a <time> that shows the present time of that zone; "minute" fires on document
//   data-menu               a <details> that closes when one looks elsewhere
// Toasts, dialogs and keys are modules of their own; they meet only through events.
const messages = document.getElementById("toasts").dataset;

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-auto-submit]")) event.target.form.requestSubmit();
});

document.addEventListener("input", (event) => {
  const answer = document.getElementById(event.target.closest("[data-outdates]")?.dataset.outdates);
  if (answer) answer.inert = true;
});

document.addEventListener("click", (event) => {
  closeMenusOutside(event.target);
  const button = event.target.closest("[data-copy], [data-theme-set], button");
  if (!button) return;
  if (button.dataset.copy) copy(document.querySelector(button.dataset.copy));
  if (button.dataset.themeSet !== undefined) setTheme(button.dataset.themeSet);
  fill(button.dataset);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details[data-menu][open]");
  if (menu) closeMenu(menu);
});

// After a new sign-in elsewhere the server hands this page a token that it accepts.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const token = event.detail.xhr.getResponseHeader("X-CSRFToken");
  if (!token) return;
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
  for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = token;
});

showTime();

function closeMenusOutside(target) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
}

function closeMenu(menu) {
  menu.open = false;
  menu.querySelector("summary").focus();
}

async function copy(source) {
  await navigator.clipboard.writeText((source.value ?? source.textContent).trim());
  document.dispatchEvent(new CustomEvent("toast", { detail: { text: messages.copied, tone: "ok" } }));
}

function fill(data) {
  for (const [key, value] of Object.entries(data)) {
    if (!key.startsWith("fill")) continue;
    const field = document.getElementById(key.slice(4).toLowerCase());
    field.value = value;
    field.form.querySelector("button:not([type=button])").focus();
  }
}

// The server renders data-theme from the cookie, so that no page flashes in the wrong colours.
function setTheme(theme) {
  const age = theme ? 31536000 : 0;
  document.cookie = `theme=${theme}; path=/; max-age=${age}; samesite=lax`;
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

function showTime() {
  const now = new Date();
  for (const clock of document.querySelectorAll("[data-clock]")) {
    const timeZone = clock.dataset.clock || undefined;
    clock.textContent = now.toLocaleTimeString("fr-FR", { hour: "2-digit", minute: "2-digit", timeZone });
  }
  document.dispatchEvent(new CustomEvent("minute", { detail: now }));
  setTimeout(showTime, 60_000 - (now % 60_000));
}
