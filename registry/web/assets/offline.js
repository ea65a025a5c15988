// The journal without a connection: the page is kept on the device, what is recorded is queued and sent once when there is one again.
const form = document.getElementById("paper");
if (form) begin(form);

async function begin(form) {
  const { all, put, drop } = await import(form.dataset.queue);
  const { words, who, captions } = JSON.parse(document.getElementById("paper-told").textContent);
  const line = document.getElementById("line");
  const section = document.querySelector(".registry-queue");
  const list = document.getElementById("queue");
  const names = Object.keys(captions);
  const body = form.querySelector("tbody");
  const blank = body.rows[0].cloneNode(true);

  navigator.serviceWorker?.register(form.dataset.worker, { scope: form.dataset.scope }).catch(() => {});
  if (!("indexedDB" in window)) return say(words.notKept);
  navigator.storage?.persist?.();

  function say(text) {
    line.textContent = text;
  }

  const field = (row, name) => row.querySelector(`[data-cell="${name}"] :is(input, select)`);

  function written() {
    return [...body.rows]
      .map((row) => ({ row: row.dataset.row, ...Object.fromEntries(names.map((name) => [name, field(row, name).value.trim()])) }))
      .filter((row, place) => place === 0 || names.some((name) => row[name]));
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const rows = written();
    if (!rows.some((row) => names.some((name) => !["occurred_on", "kind"].includes(name) && row[name]))) return say(words.nothing);
    try {
      await put({ token: form.elements.token.value, site: form.elements.site.value, who, rows, written: new Date().toISOString(), state: "waiting", said: [] });
    } catch {
      return say(words.notKept);
    }
    show(emptyRows(), newToken(), form.elements.site.value);
    say(words.kept);
    await render();
    await send();
  });

  function emptyRows() {
    return [{ row: "1", occurred_on: field(body.rows[0], "occurred_on").value, kind: field(body.rows[0], "kind").value }];
  }

  function newToken() {
    const day = new Date(Date.now() - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 10).replaceAll("-", "");
    return `${day}-${[...crypto.getRandomValues(new Uint8Array(6))].map((one) => one.toString(16).padStart(2, "0")).join("")}`;
  }

  function show(rows, token, site) {
    form.elements.token.value = token;
    form.elements.site.value = site;
    body.replaceChildren(...rows.map((cells) => {
      const row = blank.cloneNode(true);
      row.dataset.row = cells.row;
      row.querySelector("th").id = `row-${cells.row}`;
      row.querySelector("th span").textContent = cells.row;
      row.querySelector("th input").value = cells.row;
      for (const name of names) {
        const one = field(row, name);
        one.id = `cell-${cells.row}-${name}`;
        one.setAttribute("aria-labelledby", `head-${name} row-${cells.row}`);
        one.value = cells[name] ?? "";
        if (one.value !== (cells[name] ?? "")) one.append(new Option(cells[name], cells[name], true, true));
      }
      return row;
    }));
    field(body.rows[0], "product").focus();
  }

  // What the registry answers of a page: taken, refused with its reasons, or no answer at all.
  async function sendOne(page, token) {
    const data = new URLSearchParams({ site: page.site, token: page.token, step: "record", csrf_token: token });
    for (const row of page.rows) {
      data.append("row", row.row);
      for (const name of names) data.append(name, row[name] ?? "");
    }
    const answer = await fetch(form.action, { method: "POST", body: data, headers: { Accept: "application/json" }, redirect: "manual" });
    if (answer.ok) return drop(page.token);
    if (answer.status === 422) {
      const report = await answer.json();
      const said = [
        ...report.errors.map((one) => `${one.row ? `${words.row} ${one.row}, ` : ""}${captions[one.column] ?? ""}: ${one.message}`),
        ...report.findings.map((one) => `${one.row ? `${words.row} ${one.row}, ` : ""}${one.rule}: ${one.message}`),
      ];
      return put({ ...page, state: "refused", said });
    }
    if (answer.status === 403 || answer.status === 404) return put({ ...page, state: "refused", said: [words.failed] });
    throw new Error("no answer"); // nobody signed in, a fault, a proxy: the page waits
  }

  let sending = false;
  let again = false;
  async function send() {
    again = sending;
    if (sending) return;
    sending = true;
    try {
      // Only what this account wrote: nobody's session is kept awake by the pages of somebody else.
      const waiting = (await all()).filter((page) => page.state === "waiting" && page.who === who);
      if (waiting.length) {
        const answer = await fetch(form.dataset.pass, { headers: { Accept: "application/json" }, redirect: "manual" });
        if (!answer.ok) return say(words.signIn);
        const pass = await answer.json();
        for (const page of waiting.filter((one) => one.who === pass.who)) await sendOne(page, pass.csrf);
        const left = await all();
        say(left.some((page) => page.state === "refused") ? words.refused : left.length ? words.other : words.sent);
      }
    } catch {
      say(words.noLine);
    } finally {
      sending = false;
      await render();
    }
    if (again) await send();
  }

  async function render() {
    const pages = await all();
    section.hidden = !pages.length;
    list.replaceChildren(...pages.sort((one, other) => one.written.localeCompare(other.written)).map((page) => {
      const item = document.createElement("li");
      item.dataset.token = page.token;
      item.dataset.state = page.state;
      const head = document.createElement("p");
      head.textContent = `${page.site}, ${page.token} (${page.rows.length}): ${page.who === who ? words[page.state] : words.other}`;
      item.append(head, ...page.said.map((text) => Object.assign(document.createElement("p"), { className: "govuk-error-message", textContent: text })));
      if (page.who === who) item.append(press(words.change, () => show(page.rows, page.token, page.site)), " ", press(words.discard, async () => {
        if (confirm(words.sure)) await drop(page.token).then(render);
      }));
      return item;
    }));
  }

  function press(text, act) {
    const one = Object.assign(document.createElement("button"), { type: "button", className: "govuk-button govuk-button--secondary", textContent: text });
    one.addEventListener("click", act);
    return one;
  }

  section.querySelector("[name=send]").addEventListener("click", () => send());
  addEventListener("online", () => send());
  addEventListener("offline", () => say(words.noLine));
  setInterval(() => document.visibilityState === "visible" && send(), 30000);
  if (!navigator.onLine) say(words.noLine);
  await send();
}
