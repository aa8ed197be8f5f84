/** Asks for the best-sellers, shows how long that took and what the cache says, and orders what it is told to. */
export function page(): string {
  return `<!doctype html>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Kvasir shop</title>
<style>
  body { font: 16px/1.5 system-ui; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
  table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #ddd }
  td.n, th.n { text-align: right; font-variant-numeric: tabular-nums } code { font-size: .9rem }
</style>
<h1>Best-sellers</h1>
<p>40,000 orders joined in PostgreSQL, once; then from memory until somebody orders.</p>
<p><button id="again">ask again</button> <button id="forget">forget, then ask</button> <code id="said">asking…</code></p>
<table><thead><tr><th class="n">rank<th>product<th>category<th class="n">units<th class="n">revenue<th class="n">buyers<th></thead><tbody></tbody></table>
<script type="module">
  const post = (path, body) => fetch(path, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body ?? {}),
  });
  async function ask() {
    const begin = performance.now();
    const response = await fetch('best-sellers', { cache: 'no-store' });
    const rows = await response.json();
    const took = (performance.now() - begin).toFixed(1);
    document.querySelector('#said').textContent = took + ' ms · Cache-Status: ' + response.headers.get('cache-status');
    document.querySelector('tbody').replaceChildren(...rows.map((row) => {
      const line = document.createElement('tr');
      for (const name of ['rank', 'name', 'category', 'units', 'revenue', 'buyers']) {
        const cell = line.insertCell();
        cell.textContent = row[name];
        if (!['name', 'category'].includes(name)) cell.className = 'n';
      }
      const button = document.createElement('button');
      button.textContent = 'order 1,000';
      button.onclick = async () => {
        await post('orders', { customer: 1, lines: [{ product: row.product, quantity: 1000 }] });
        await ask();
      };
      line.insertCell().append(button);
      return line;
    }));
  }
  document.querySelector('#again').onclick = ask;
  document.querySelector('#forget').onclick = async () => { await post('forget'); await ask(); };
  await ask();
</script>
`;
}
