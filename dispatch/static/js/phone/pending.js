// That somebody has signed out on this phone and the server may not know it yet; `keep`: something unsent stays.
const NAME = "leaving";

export function begin({ keep }) {
  localStorage.setItem(NAME, keep ? "keep" : "all");
}

export function is() {
  return localStorage.getItem(NAME) !== null;
}

export function keeps() {
  return localStorage.getItem(NAME) === "keep";
}

export function end() {
  localStorage.removeItem(NAME);
}
