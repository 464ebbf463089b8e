// Sends a file in pieces, and goes on where it broke off. Without it the form sends it whole.
(function () {
  var PIECE = 4 * 1024 * 1024;
  var PAUSES = [500, 1000, 2000, 4000, 8000, 15000];

  function token(form) { return form.querySelector("[name=csrfmiddlewaretoken]").value; }
  function show(form, sent, size) {
    var box = form.querySelector("[data-sending]");
    box.hidden = false;
    box.querySelector("progress").value = size ? sent / size : 1;
    box.querySelector("[data-sent]").textContent = Math.floor(100 * sent / size) + " %";
  }
  function trouble(form, words) {
    var line = form.querySelector("[data-trouble]");
    line.textContent = words;
    line.hidden = !words;
  }

  function send(form, file, url, page, offset, failures) {
    show(form, offset, file.size);
    if (offset >= file.size) { window.location.assign(page); return; }
    fetch(url, {
      method: "PATCH", credentials: "same-origin", body: file.slice(offset, offset + PIECE),
      headers: { "Upload-Offset": String(offset), "X-CSRFToken": token(form) }
    }).then(function (answer) {
      var there = answer.headers.get("Upload-Offset");
      if (there === null) throw new Error(String(answer.status));
      trouble(form, "");
      send(form, file, url, page, Number(there), 0);
    }).catch(function (error) {
      if (failures >= PAUSES.length) { trouble(form, String(error.message || error)); return; }
      window.setTimeout(function () { ask(form, file, url, page, offset, failures + 1); }, PAUSES[failures]);
    });
  }
  // How much is there after a failure: part of the piece may have come.
  function ask(form, file, url, page, offset, failures) {
    fetch(url, { method: "HEAD", credentials: "same-origin" }).then(function (answer) {
      var there = answer.headers.get("Upload-Offset");
      send(form, file, url, page, there === null ? offset : Number(there), failures);
    }).catch(function () { send(form, file, url, page, offset, failures); });
  }

  document.querySelectorAll("form[data-upload]").forEach(function (form) {
    form.addEventListener("submit", function (event) {
      var file = form.elements.file.files[0];
      if (!file || !file.size) return;
      event.preventDefault();
      var body = new FormData();
      body.append("name", file.name);
      body.append("size", String(file.size));
      body.append("channel", form.elements.channel.value);
      body.append("time_zone", form.elements.time_zone.value);
      form.querySelector("button[type=submit]").disabled = true;
      fetch(form.dataset.upload, {
        method: "POST", credentials: "same-origin", body: body, headers: { "X-CSRFToken": token(form) }
      }).then(function (answer) { return answer.json(); }).then(function (answer) {
        if (answer.error) {
          form.querySelector("button[type=submit]").disabled = false;
          trouble(form, answer.error);
        } else {
          send(form, file, answer.url, answer.page, 0, 0);
        }
      }).catch(function () { form.submit(); });
    });
  });
  document.querySelectorAll("form[data-resume]").forEach(function (form) {
    form.elements.file.addEventListener("change", function () {
      var file = form.elements.file.files[0];
      if (!file) return;
      if (file.name !== form.dataset.name || String(file.size) !== form.dataset.size) {
        trouble(form, form.querySelector("[data-trouble]").dataset.other);
        return;
      }
      trouble(form, "");
      ask(form, file, form.dataset.resume, window.location.pathname, 0, 0);
    });
  });
})();
