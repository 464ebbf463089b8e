// The table's button: what it would download goes to the clipboard instead, where there is one.
"use strict";
(() => {
  const button = document.querySelector("a[data-tsv]");
  if (!button || !navigator.clipboard) return;
  const label = button.querySelector("[data-copied]");
  const taken = async () => {
    const answer = await fetch(button.href, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    return answer.text();
  };
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    try {
      await navigator.clipboard.writeText(await taken());
      label.textContent = label.dataset.copied;
    } catch (error) { location.assign(button.href); }
  });
})();
