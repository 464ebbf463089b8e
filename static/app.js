// Keys, menus, parts that stay as high as they were. Every page works without it.
(function () {
  function closeMenus(except) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (menu !== except) menu.open = false;
    });
  }
  document.addEventListener("keydown", function (event) {
    var target = event.target;
    var typing = target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      var find = document.querySelector("[data-find]") || document.getElementById("find");
      if (find) { event.preventDefault(); find.focus(); find.select(); }
    } else if (event.key === "Escape") {
      var open = document.querySelector("details.menu[open]");
      if (open) { open.open = false; open.querySelector("summary").focus(); }
      else if (typing) target.blur();
    }
  });
  document.addEventListener("click", function (event) {
    closeMenus(event.target.closest("details.menu"));
  });
  // On a phone the tab that one is on may lie beyond the edge.
  document.querySelectorAll(".tabs").forEach(function (tabs) {
    var here = tabs.querySelector("[aria-current]");
    if (here && tabs.scrollWidth > tabs.clientWidth) here.scrollIntoView({ block: "nearest", inline: "center" });
  });
  // Browsers give the clipboard to pages of https and of this machine alone; elsewhere the field
  // beside the button is selected and copied the old way.
  function copy(button) {
    if (navigator.clipboard) return navigator.clipboard.writeText(button.dataset.copy);
    var field = button.parentNode.querySelector("input");
    if (field) { field.select(); document.execCommand("copy"); }
    return field ? Promise.resolve() : Promise.reject();
  }
  // A copy button names what it copies.
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-copy]");
    if (!button) return;
    copy(button).then(function () {
      var label = button.querySelector("[data-copied]");
      if (!label || button.classList.contains("said")) return;
      var before = label.textContent;
      label.textContent = label.dataset.copied || document.getElementById("main").dataset.copied;
      button.classList.add("said");
      setTimeout(function () { label.textContent = before; button.classList.remove("said"); }, 2000);
    }, function () { /* nothing was copied, and nothing says so */ });
  });
  // What htmx swaps in here keeps at least the height that was there, so nothing below moves; what
  // the person does themselves may move things.
  function hold(release) {
    document.querySelectorAll("[data-steady]").forEach(function (part) {
      part.style.minHeight = release ? "" : part.getBoundingClientRect().height + "px";
    });
  }
  document.addEventListener("htmx:beforeSwap", function () { hold(false); });
  window.addEventListener("resize", function () { hold(true); });
  document.addEventListener("toggle", function () { hold(true); }, true);
})();
