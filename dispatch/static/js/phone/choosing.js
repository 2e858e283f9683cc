// While the sheet in which a photo was chosen is open, it and what was tapped after it are not sent: the photo can still
// be taken back. A page that is closed or killed meanwhile sends it at its next start.
export function isChosenNow(entry) {
  const sheet = document.getElementById("sheet");
  return entry.kind === "photo" && Boolean(sheet?.open && sheet.querySelector(`[data-photos="${entry.job}"]`));
}
