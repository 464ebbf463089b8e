// Ticking rows, and forms that send themselves. Every page works without it.
(function () {
  var picks = Array.prototype.slice.call(document.querySelectorAll("[data-pick]"));
  var bar = document.querySelector("[data-bulk]");
  var every = document.querySelector("[data-pick-all]");
  var all = document.querySelector("[data-all]");
  var last = null;

  function ticked() { return picks.filter(function (box) { return box.checked; }); }
  function show() {
    if (!bar) return;
    var count = ticked().length;
    var number = bar.querySelector("[data-count]");
    if (number) number.textContent = String(count);
    bar.hidden = count === 0 && !(all && all.checked);
    if (every) {
      every.checked = count > 0 && count === picks.length;
      every.indeterminate = count > 0 && count < picks.length;
    }
  }
  function tickAll(wanted) {
    picks.forEach(function (box) { box.checked = wanted; });
    if (!wanted && all) all.checked = false;
    show();
  }

  picks.forEach(function (box) {
    box.addEventListener("click", function (event) {
      // With Shift, everything from the last tick to here.
      if (event.shiftKey && last !== null) {
        var from = picks.indexOf(last), to = picks.indexOf(box);
        picks.slice(Math.min(from, to), Math.max(from, to) + 1).forEach(function (other) {
          other.checked = box.checked;
        });
      }
      last = box;
      show();
    });
    box.addEventListener("change", show);
    // Arrows go from row to row; with Shift they tick on the way.
    box.addEventListener("keydown", function (event) {
      var step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      var next = step && picks[picks.indexOf(box) + step];
      if (!next) return;
      event.preventDefault();
      if (event.shiftKey) { next.checked = box.checked = true; show(); }
      next.focus();
    });
  });
  if (every) every.addEventListener("change", function () { tickAll(every.checked); });
  if (all) all.addEventListener("change", show);
  var untick = document.querySelector("[data-untick]");
  if (untick) untick.addEventListener("click", function () { tickAll(false); if (every) every.focus(); });
  show();
  window.addEventListener("pageshow", show);

  // A choice among the filters holds at once.
  var filters = document.querySelector("[data-filters]");
  if (filters) filters.addEventListener("change", function (event) {
    if (event.target.tagName === "SELECT") filters.requestSubmit();
  });
})();
