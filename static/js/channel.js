// Parts that are refreshed keep at least the height they had, so nothing below them moves.
(function () {
  function hold() {
    document.querySelectorAll("[data-steady]").forEach(function (part) {
      part.style.minHeight = part.getBoundingClientRect().height + "px";
    });
  }
  function release() {
    document.querySelectorAll("[data-steady]").forEach(function (part) {
      part.style.minHeight = "";
    });
  }
  document.addEventListener("htmx:beforeSwap", hold);
  // What the person did themselves may move things.
  window.addEventListener("resize", release);
  document.addEventListener("toggle", release, true);
})();
