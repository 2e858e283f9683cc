// Buttons that print the page: [data-print], hidden until this script is there to serve them. Paper unfolds nothing by itself.
addEventListener("beforeprint", () => document.querySelectorAll("main details").forEach((one) => { one.open = true; }));
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
