// Whoever signs out clears this device: pages of the journal that were not sent yet would be lost, so that one is asked first.
const form = document.querySelector("form[data-unsent]");
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const waiting = await unsent().catch(() => 0);
  if (!waiting || confirm(form.dataset.unsent)) form.submit();
});

async function unsent() {
  const known = (await indexedDB.databases?.()) ?? [];
  if (!known.some((one) => one.name === "registry-offline")) return 0;
  const { all } = await import(form.dataset.queue);
  return (await all()).length;
}
