/** One table, filled by the browser: ask for a file and see what the cache says and how long it took. */
export function page(): string {
  return `<!doctype html>
<meta charset="utf-8">
<title>Kvasir weights</title>
<style>
  body { font: 16px/1.5 system-ui; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
  td, th { text-align: left; padding: .3rem .8rem .3rem 0 } code { font-size: .85rem }
</style>
<h1>Weights</h1>
<p>Pulled through from an HTTP origin in blocks of 1 MiB, kept on disk and in memory, checked against their sha256.</p>
<table><thead><tr><th>file<th>bytes<th>blocks on disk<th>digest<th><th>last answer</thead><tbody></tbody></table>
<script type="module">
  const answers = {};
  async function show() {
    const files = await (await fetch('files')).json();
    document.querySelector('tbody').replaceChildren(...files.map((file) => {
      const row = document.createElement('tr');
      const digest = file.sha256 === undefined ? file.verified : file.verified + ' ' + file.sha256.slice(0, 12) + '…';
      for (const text of [file.name, file.size.toLocaleString(), file.blocksOnDisk + ' of ' + file.blocks, digest])
        row.insertCell().textContent = text;
      const buttons = row.insertCell();
      for (const [label, act] of [['ask', ask], ['forget', forget]]) {
        const button = document.createElement('button');
        button.textContent = label;
        button.onclick = () => act(file.name).then(show);
        buttons.append(button);
      }
      row.insertCell().append(Object.assign(document.createElement('code'), { textContent: answers[file.name] ?? '' }));
      return row;
    }));
  }
  async function ask(name) {
    const begin = performance.now();
    const response = await fetch('models/' + name, { cache: 'no-store' });
    await response.arrayBuffer();
    answers[name] = (performance.now() - begin).toFixed(1) + ' ms · ' + response.headers.get('cache-status');
  }
  const forget = (name) => fetch('forget/' + name, { method: 'POST' });
  void show();
</script>
`;
}
