// Light, dark, or as the system says; remembered in this browser. Loaded before the first paint.
(function () {
  var root = document.documentElement;
  var key = "tgadmin-theme";
  function stored() {
    try { return localStorage.getItem(key) || "system"; } catch (e) { return "system"; }
  }
  function apply(theme) {
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    document.querySelectorAll("[data-theme-set]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.dataset.themeSet === theme));
    });
  }
  root.classList.add("js");
  apply(stored());
  document.addEventListener("DOMContentLoaded", function () { apply(stored()); });
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-theme-set]");
    if (!button) return;
    var theme = button.dataset.themeSet;
    try { localStorage.setItem(key, theme); } catch (e) { /* only for this page, then */ }
    apply(theme);
    var menu = button.closest("details");
    if (menu) menu.open = false;
  });
})();
