/** The images with what was read from them, how long it took and what the cache said. */
export function page(images: readonly string[]): string {
  const cards = images.map(
    (name) =>
      `<figure><img src="images/${name}" alt="${name}"><button data-image="${name}">read</button><pre></pre></figure>`,
  );
  return `<!doctype html>
<meta charset="utf-8">
<title>Kvasir inference</title>
<style>
  body { font: 16px/1.5 system-ui; max-width: 70rem; margin: 2rem auto; padding: 0 1rem }
  main { display: flex; flex-wrap: wrap; gap: 1.5rem } figure { margin: 0; flex: 1 1 20rem } img { max-width: 100%; border: 1px solid #ccc }
  pre { white-space: pre-wrap; font-size: .85rem }
</style>
<h1>Inference</h1>
<p>PaddleOCR reads text from images. Press twice: the second answer comes from cache. Or choose a PNG of your own: <input type="file" accept="image/png"></p>
<main>${cards.join('\n')}</main>
<figure><pre id="own"></pre></figure>
<script type="module">
  async function read(body, type, out) {
    const begin = performance.now();
    const response = await fetch('read', { method: 'POST', headers: { 'content-type': type }, body });
    const { text, error } = await response.json();
    const ms = (performance.now() - begin).toFixed(1);
    out.textContent = ms + ' ms · ' + response.headers.get('cache-status') + '\\n\\n' + (text ?? error);
  }
  for (const button of document.querySelectorAll('button'))
    button.onclick = () => read(JSON.stringify({ image: button.dataset.image }), 'application/json', button.nextElementSibling);
  document.querySelector('input').onchange = ({ target }) => read(target.files[0], 'image/png', document.querySelector('#own'));
</script>
`;
}
